"""python -m jobs relay | scheduler | worker QUEUE… | all: the processes of the Procfile."""

import argparse
import threading

from app import create_app
from app.settings import Settings
from jobs import timetable
from jobs.queues import QUEUES
from jobs.relay import Relay
from jobs.worker import work


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m jobs", description=__doc__)
    words.add_argument("process", choices=["relay", "scheduler", "worker", "all"])
    words.add_argument("queues", nargs="*", choices=[*QUEUES, []])
    asked = words.parse_args()
    settings = Settings()
    flask_app = create_app(settings)
    redis_url = settings.redis_url.get_secret_value()
    if asked.process == "relay":
        Relay(flask_app, redis_url).serve()
    elif asked.process == "scheduler":
        timetable.serve(flask_app)
    elif asked.process == "worker":
        work(flask_app, redis_url, asked.queues or list(QUEUES))
    else:
        relay = Relay(flask_app, redis_url)
        threading.Thread(target=relay.loop, daemon=True, name="relay").start()
        work(flask_app, redis_url, list(QUEUES))


if __name__ == "__main__":
    main()
