"""Amazon's services as moto keeps them, on a port of this machine: they know no expiry and no wrong signature."""

import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from pydantic import SecretStr


@contextmanager
def aws() -> Iterator[str]:
    """The address of all of them."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        _wait(address)
        yield address
    finally:
        server.stop()


def _wait(address: str) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(f"{address}/moto-api/", timeout=5).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def client(service: str, address: str):
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="eu-central-1",
        aws_access_key_id="otto",
        aws_secret_access_key="secret",
    )


def new_bucket(address: str) -> str:
    """The name of one that nobody else has."""
    name = f"assay-{uuid.uuid4().hex}"
    client("s3", address).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return name


def signed_in(address: str) -> dict[str, object]:
    """The settings of whoever goes there."""
    return {
        "s3_endpoint_url": address, "s3_region": "eu-central-1", "s3_access_key_id": "otto",
        "s3_secret_access_key": SecretStr("secret"),
    }  # fmt: skip
