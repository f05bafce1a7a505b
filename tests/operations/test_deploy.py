"""What deploy/ holds fits the product: every process, no floating tag, no secret, nothing that needs root.

Manifests are checked by the schemas of Kubernetes itself. Images are not built here, and nothing is started.
"""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from app.adapters.local import archiving
from app.settings import Settings
from jobs.queues import QUEUES
from tests.operations.told import ROOT

DEPLOY = ROOT / "deploy"
OLDEST, NEWEST = "1.34", "1.37"
PUBLIC = {"postgres", "redis", "clamav", "room"}
WORDS = {"archive": "archive", "mirror": "mirror --every 60"}
OFF_THE_PROCFILE = {"migrate", "backup"} | set(WORDS) | PUBLIC
COMPOSE = ("compose.yaml", "compose.backups.yaml")
SECRETS = ("PASSWORD", "TOKEN", "ACCESS_KEY", "SMTP_URL", "REDIS_URL", "API_KEY", "DSN", "DATABASE_URL")


@cache
def processes():
    """The Procfile's, as lists of words."""
    lines = [line.partition(":") for line in (ROOT / "Procfile").read_text().splitlines() if line]
    return {name: command.split() for name, _, command in lines}


@cache
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


@cache
def backups():
    return yaml.safe_load((DEPLOY / "compose.backups.yaml").read_text())["services"]


def services():
    return list(compose()["services"].items()) + list(backups().items())


@cache
def manifests():
    """By kind and name, those of the optional folders too."""
    files = [file for file in sorted((DEPLOY / "kubernetes").rglob("*.yaml")) if file.name != "kustomization.yaml"]
    found = [each for file in files for each in yaml.safe_load_all(file.read_text()) if each]
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in found}
    assert len(by_name) == len(found)
    return by_name


def ours():
    """Whole: what a file adds to another one's service is left out."""
    return {name: service for name, service in services() if name not in PUBLIC and "image" in service}


def pod_of(manifest):
    spec = manifest["spec"].get("jobTemplate", manifest)["spec"]
    return spec["template"]["spec"]


def pods():
    kinds = {"Deployment", "Job", "CronJob"}
    return {name: pod_of(each) for (kind, name), each in manifests().items() if kind in kinds}


def images():
    used = [service["image"] for _, service in services() if "image" in service]
    used += [container["image"] for pod in pods().values() for container in pod["containers"]]
    return used + re.findall(r"^FROM (\S+:\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)


def settings_named(environment):
    return set(environment) - {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", processes())
def test_every_process_is_a_service_and_a_deployment(name):
    assert compose()["services"][name]["command"] == processes()[name]
    assert pods()[name]["containers"][0]["command"] == processes()[name]


def test_there_is_no_process_that_the_procfile_lacks():
    assert {name for name, _ in services()} - OFF_THE_PROCFILE == set(processes())
    assert set(pods()) - OFF_THE_PROCFILE == set(processes())


def test_no_image_floats():
    assert len(images()) > 10
    assert [image for image in images() if ":" not in image or image.endswith(":latest")] == []


def test_every_variable_is_a_setting():
    told = manifests()["ConfigMap", "assay"]["data"]

    assert settings_named(told) == set()
    for service in ours().values():
        assert settings_named(service["environment"]) == set()
    dockerfile = set(
        re.findall(
            r"\b([A-Z_]+)=",
            " ".join(re.findall(r"^ENV ((?:.*\\\n)*.*)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)),
        )
    )
    assert settings_named(dockerfile) == {
        "PATH",
        "PYTHONPATH",
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "HOME",
        "ORT_DISABLE_TELEMETRY",
        "HF_HUB_OFFLINE",
    }


def test_no_secret_stands_in_a_file():
    assert [key for key in manifests() if key[0] == "Secret"] == []
    assert {"DATABASE_URL"} == {name for name in manifests()["ConfigMap", "assay"]["data"] if name.endswith(SECRETS)}
    assert "@" not in manifests()["ConfigMap", "assay"]["data"]["DATABASE_URL"]
    for _, service in services():
        for name, value in service.get("environment", {}).items():
            if name.removesuffix("_ID").endswith(SECRETS) and name != "DATABASE_URL":
                assert "${" in value, name


@pytest.mark.parametrize("name", [name for name in processes() if name != "web"] + ["web"])
def test_only_the_migration_knows_the_owner(name):
    assert "@" not in ours()[name]["environment"]["DATABASE_URL"]
    assert [
        each for each in pods()[name]["containers"][0]["envFrom"] if each.get("secretRef") == {"name": "assay-owner"}
    ] == []


def test_the_migration_comes_first_and_once():
    assert ours()["migrate"]["restart"] == "no"
    for name in processes():
        assert ours()[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert pods()["migrate"]["restartPolicy"] == "Never"
    assert {"secretRef": {"name": "assay-owner"}} in pods()["migrate"]["containers"][0]["envFrom"]


def test_redis_keeps_what_it_is_given():
    command = " ".join(compose()["services"]["redis"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_services_need_no_root_and_no_writable_root():
    for name, service in ours().items():
        assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"]), name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_only_the_web_is_published_and_only_here():
    assert {name: service["ports"] for name, service in compose()["services"].items() if "ports" in service} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    assert compose()["networks"]["inside"]["internal"] is True
    assert {name: compose()["services"][name]["networks"] for name in ("postgres", "redis")} == {
        "postgres": ["inside"], "redis": ["inside"],
    }  # fmt: skip
    assert backups()["room"]["network_mode"] == "none"


def test_pods_need_no_root_and_no_writable_root():
    for name, pod in pods().items():
        assert (pod["securityContext"]["runAsNonRoot"], pod["automountServiceAccountToken"]) == (True, False), name
        for container in pod["containers"]:
            inner = container["securityContext"]
            assert inner["readOnlyRootFilesystem"], name
            assert not inner["allowPrivilegeEscalation"], name
            assert inner["capabilities"] == {"drop": ["ALL"]}, name
            assert "memory" in container["resources"]["limits"], name


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_takes_every_manifest(version):
    for manifest in manifests().values():
        kubernetes_validate.validate(manifest, version, strict=True)


def test_kubernetes_would_not_take_a_wrong_one():
    wrong = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "date": {}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


@pytest.mark.parametrize("place", [".", "backups", "scanner"])
def test_kustomization_lists_every_file_but_the_migration(place):
    folder = DEPLOY / "kubernetes" / place
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())

    assert sorted(listed["resources"]) == sorted(
        {file.name for file in folder.glob("*.yaml")} - {"kustomization.yaml", "migrate.yaml"}
    )
    assert listed["kind"] == ("Kustomization" if place == "." else "Component")
    for patch in listed.get("patches", []):
        assert settings_named(yaml.safe_load(patch["patch"])["data"]) == set()


def test_probes_ask_what_is_there(flask_app):
    rules = {rule.rule for rule in flask_app.url_map.iter_rules()}
    for name in processes():
        container = pods()[name]["containers"][0]
        asked = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
        ready = "/ready" if name == "web" else "/health"
        assert asked == {"startup": "/health", "liveness": "/health", "readiness": ready}, name
        assert container["livenessProbe"]["httpGet"]["port"] in {port["name"] for port in container["ports"]}, name
    assert {"/health", "/ready"} <= rules


def test_selectors_meet_their_pods():
    labels = {
        name: each["spec"]["template"]["metadata"]["labels"]
        for (kind, name), each in manifests().items()
        if kind == "Deployment"
    }
    for (kind, name), each in manifests().items():
        if kind in {"Deployment", "PodDisruptionBudget"}:
            assert each["spec"]["selector"]["matchLabels"].items() <= labels[name].items(), (kind, name)
        if kind == "HorizontalPodAutoscaler":
            assert each["spec"]["scaleTargetRef"]["name"] in labels
    assert manifests()["Service", "web"]["spec"]["selector"].items() <= labels["web"].items()


def test_web_grows_by_processor_and_scoring_by_its_queue():
    web = manifests()["HorizontalPodAutoscaler", "web"]["spec"]["metrics"][0]
    scoring = manifests()["HorizontalPodAutoscaler", "worker-scoring"]["spec"]["metrics"][0]["external"]["metric"]

    assert web["resource"]["name"] == "cpu"
    assert scoring == {"name": "assay_queue_tasks", "selector": {"matchLabels": {"queue": "scoring"}}}
    assert scoring["selector"]["matchLabels"]["queue"] in QUEUES
    assert not [name for name in ("web", "worker-scoring") if "replicas" in manifests()["Deployment", name]["spec"]]


def test_the_network_is_closed_but_for_what_is_named():
    closed = manifests()["NetworkPolicy", "assay-closed"]["spec"]

    assert (closed["podSelector"], closed["policyTypes"]) == ({"matchLabels": {"app": "assay"}}, ["Ingress", "Egress"])
    assert {"ingress", "egress"} & set(closed) == set()


def dockerfile():
    return (DEPLOY / "Dockerfile").read_text()


@pytest.mark.parametrize("target", ["web", "worker"])
def test_images_run_as_nobody_in_particular_and_say_how_they_are(target):
    stage = re.search(rf"^FROM base AS {target}$(.*?)(?=^FROM |\Z)", dockerfile(), re.MULTILINE | re.DOTALL)

    assert stage is not None
    assert "USER 10001:10001" in stage.group(1)
    assert stage.group(1).index("USER") < stage.group(1).index("CMD")
    assert "HEALTHCHECK" in stage.group(1)


def test_what_the_dockerfile_copies_is_there_and_let_through():
    copied = [
        path.rstrip("/")
        for line in re.findall(r"^COPY (?!--)(.*) \S+$", dockerfile(), re.MULTILINE)
        for path in line.split()
    ]
    let_through = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }

    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert [path for path in copied if not {path, path.split("/")[0]} & let_through] == []
    assert {"var", "tests", ".git"} & let_through == set()


def test_packages_are_installed_by_checksum_alone():
    installs = [line for line in dockerfile().splitlines() if "pip install" in line]

    assert len(installs) == 2
    assert all("--require-hashes" in line and "--no-deps" in line for line in installs)


@pytest.mark.parametrize("name", WORDS)
def test_what_goes_on_with_backups_runs_everywhere_and_once(name):
    command = ["python", "bin/words.py", "backup", *WORDS[name].split()]

    assert (backups()[name]["command"], pods()[name]["containers"][0]["command"]) == (command, command)
    spec = manifests()["Deployment", name]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert "@" not in backups()[name]["environment"]["DATABASE_URL"]


def test_a_backup_is_taken_and_looked_at_each_night():
    words = "python bin/words.py backup run && python bin/words.py backup verify"
    night = manifests()["CronJob", "backup"]["spec"]

    assert (night["schedule"], night["timeZone"], night["concurrencyPolicy"]) == ("30 2 * * *", "Etc/UTC", "Forbid")
    assert pods()["backup"]["containers"][0]["command"] == ["sh", "-c", words]
    assert {"secretRef": {"name": "assay-owner"}} in pods()["backup"]["containers"][0]["envFrom"]
    assert words in backups()["backup"]["command"][-1]
    assert "postgresql://assay:${POSTGRES_PASSWORD:?}@" in backups()["backup"]["environment"]["DATABASE_URL"]


def test_the_night_of_compose_ends_at_half_past_two():
    waits = re.search(r"sleep (\$\$\(\(.*?\)\));", backups()["backup"]["command"][-1]).group(1)

    def seconds(now):
        line = f"echo {waits}".replace("$$", "$").replace("$(date +%s)", str(now))
        return int(subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True).stdout)

    half_past_two = 20_000 * 86_400 + 9_000
    assert [seconds(half_past_two + off) for off in (-1, 0, 1)] == [1, 86_400, 86_399]


def test_compose_keeps_the_log_until_the_bucket_has_it():
    postgres, line = backups()["postgres"], archiving.waiting_command(Path("/backups/spool/main"))

    without = compose()["services"]["postgres"]["command"]
    assert postgres["command"][: len(without)] == without
    assert postgres["command"][-1] == "archive_command=" + line.replace("$", "$$")
    # who takes the last file of the log is there before PostgreSQL, and after it
    assert postgres["depends_on"] == {"archive": {"condition": "service_started"}}
    assert backups()["archive"]["depends_on"] == {"room": {"condition": "service_completed_successfully"}}
    assert {"archive_mode=on", "archive_timeout=60", "wal_level=replica"} <= set(postgres["command"])
    assert "host  replication assay" in (DEPLOY / "postgres/pg_hba.conf").read_text()
    assert f"{backups()['archive']['environment']['BACKUP_DIR']}/spool/main" in backups()["room"]["command"][0]


def test_the_scanner_is_off_until_it_is_named_and_is_reached_by_ours_alone():
    scanner = yaml.safe_load((DEPLOY / "kubernetes/scanner/kustomization.yaml").read_text())
    address = yaml.safe_load(scanner["patches"][0]["patch"])["data"]["CLAMD_ADDRESS"]
    service, pod = manifests()["Service", "clamav"], manifests()["Deployment", "clamav"]["spec"]["template"]
    ours_out, theirs = (manifests()["NetworkPolicy", name]["spec"] for name in ("scanner", "clamav"))

    assert "components" not in yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())
    assert "CLAMD_ADDRESS" not in manifests()["ConfigMap", "assay"]["data"]
    assert address == f"{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    assert service["spec"]["selector"] == pod["metadata"]["labels"] == theirs["podSelector"]["matchLabels"]
    assert ours_out["egress"][0]["to"] == [{"podSelector": theirs["podSelector"]}]
    assert [rule["ports"][0]["port"] for rule in (*ours_out["egress"], *theirs["ingress"])] == [3310, 3310]
    assert theirs["ingress"][0]["from"] == [{"podSelector": {"matchLabels": {"app": "assay"}}}]
    assert [[port["port"] for port in rule["ports"]] for rule in theirs["egress"]] == [[53, 53], [443]]
    assert pod["spec"]["containers"][0]["image"] == compose()["services"]["clamav"]["image"]


@pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="there is no kubectl: components were checked by themselves"
)
def test_kustomize_takes_both_components_and_their_settings(tmp_path):
    folder = shutil.copytree(DEPLOY / "kubernetes", tmp_path / "all")
    with (folder / "kustomization.yaml").open("a") as handle:
        handle.write("components: [backups, scanner]\n")

    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True)

    made = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(done.stdout)}
    assert set(made) == set(manifests()) - {("Job", "migrate")}
    told = made["ConfigMap", "assay"]["data"]
    added = {"BACKUP_BUCKET": "assay-backups", "BACKUP_DIR": "/backups", "CLAMD_ADDRESS": "clamav:3310"}
    assert told == manifests()["ConfigMap", "assay"]["data"] | added


def test_whoever_backs_up_reaches_the_bucket_and_nobody_else():
    policy = manifests()["NetworkPolicy", "backups"]["spec"]

    assert policy["podSelector"]["matchExpressions"] == [
        {"key": "process", "operator": "In", "values": sorted({"backup", "scheduler", *WORDS})}
    ]
    assert policy["egress"][0]["ports"] == [{"port": 443, "protocol": "TCP"}]


def test_the_image_of_backups_has_the_servers_own_programs():
    stage = dockerfile().partition("FROM web AS backup")[2]
    major = re.search(r"pg(\d+)$", compose()["services"]["postgres"]["image"]).group(1)

    assert f"ARG POSTGRES={major}\n" in stage
    assert stage.index("USER root") < stage.index("apt-get") < stage.index("USER 10001:10001") < stage.index("CMD")
    assert backups()["room"]["image"] == compose()["services"]["postgres"]["image"]


@pytest.mark.skipif(
    shutil.which("docker-compose") is None, reason="there is no docker-compose: only the structure was checked"
)
@pytest.mark.parametrize("files", [COMPOSE[:1], COMPOSE])
def test_compose_itself_can_read_it(files):
    needed = {name for file in files for name in re.findall(r"\$\{(\w+):\?\}", (DEPLOY / file).read_text())}
    done = subprocess.run(
        ["docker-compose", *(word for file in files for word in ("-f", str(DEPLOY / file))), "config", "--quiet"],
        env=dict.fromkeys(needed, "x") | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
