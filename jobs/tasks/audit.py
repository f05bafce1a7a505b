"""Background work of the log: letting go of what need not be kept any longer."""

from app.audit import commands
from jobs.definitions import task
from jobs.run import Run


@task("audit.forget_outputs", queue="low")
def forget_outputs(run: Run) -> None:
    with run.completing():
        commands.forget_outputs(run.providers.settings.ai_log_days)
