"""Chooses who provides what, once a process. Engines are built at first use: a web process never loads them."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import SecretStr

from app.adapters.llm.calls import Provider
from app.adapters.local.folder import FolderStore
from app.adapters.local.keyring import Keyring
from app.adapters.local.mailbox import MailboxMailer
from app.adapters.local.master import LocalMaster
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.storage import LocalStorage
from app.adapters.local.vault import LocalVault
from app.adapters.masters import KNOWN, Masters
from app.adapters.smtp.mailer import SmtpMailer
from app.ports.analysis import Analyst
from app.ports.asking import Asker
from app.ports.backups import BackupStore
from app.ports.bank import QuestionBank
from app.ports.judging import Judge
from app.ports.mail import Mailer
from app.ports.master import Master
from app.ports.matching import Matcher
from app.ports.meaning import Meaning
from app.ports.printing import Printer
from app.ports.reading import Reader
from app.ports.scanning import Scanner
from app.ports.shelf import Shelf
from app.ports.storage import Storage
from app.ports.vault import Vault
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.s3.shelf import S3Shelf
    from app.adapters.s3.storage import S3Storage


@dataclass(frozen=True)
class Providers:
    """Who `glances` at backups waits for seconds, not for minutes."""

    settings: Settings
    glances: bool = False

    @cached_property
    def vault(self) -> Vault:
        return LocalVault(self.keyring, self.settings.master_keys)

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(self.shelf, self.master)

    @cached_property
    def shelf(self) -> Shelf:
        return self.bucket_shelf or LocalShelf(self.settings.data_dir / "keys")

    @cached_property
    def bucket_shelf(self) -> "S3Shelf | None":
        """Where keys lie in a bucket: that."""
        if self.settings.s3_keys_bucket is None:
            return None
        from app.adapters.s3.bucket import Bucket
        from app.adapters.s3.shelf import S3Shelf

        return S3Shelf(Bucket(self.settings, self.settings.s3_keys_bucket))

    @cached_property
    def master(self) -> Master:
        """Whoever MASTER_KEEPER names wraps; the others that are set unwrap what they wrapped before."""
        settings, marked = self.settings, dict[bytes, Master]()
        if settings.kms_key_id:
            from app.adapters.aws.kms import KmsMaster

            marked[KNOWN["kms"]] = KmsMaster(settings)
        if settings.vault_transit_key:
            from app.adapters.hashicorp.transit import TransitMaster

            marked[KNOWN["vault"]] = TransitMaster(settings)
        return Masters(KNOWN.get(settings.master_keeper), marked, LocalMaster(settings.master_keys))

    @cached_property
    def storage(self) -> Storage:
        return self.bucket_storage or LocalStorage(self.settings.data_dir / "files", self.vault)

    @cached_property
    def bucket_storage(self) -> "S3Storage | None":
        """Where files lie in a bucket: that."""
        if self.settings.s3_bucket is None:
            return None
        from app.adapters.s3.bucket import Bucket
        from app.adapters.s3.storage import S3Storage

        return S3Storage(Bucket(self.settings, self.settings.s3_bucket), self.vault)

    @cached_property
    def backups(self) -> BackupStore | None:
        """Where backups lie, if anywhere."""
        if self.settings.backup_bucket:
            return self._bucket_of_backups(self.settings.backup_bucket)
        return FolderStore(self.settings.backup_dir.resolve()) if self.settings.backup_dir else None

    @cached_property
    def backup_keys(self) -> BackupStore | None:
        """Where their keys lie: of those there is one state only."""
        name = self.settings.backup_keys_bucket or self.settings.backup_bucket
        return self._bucket_of_backups(name, for_good=True) if name else self.backups

    def _bucket_of_backups(self, name: str, *, for_good: bool = False) -> BackupStore:
        from app.adapters.s3.backups import BucketStore
        from app.adapters.s3.bucket import GLANCE, NOBODY_WAITS, Bucket

        bucket = Bucket(self.settings, name, GLANCE if self.glances else NOBODY_WAITS)
        return BucketStore(bucket, self.settings.backup_seals, for_good=for_good)

    @cached_property
    def mailer(self) -> Mailer:
        url = self.settings.smtp_url
        return SmtpMailer(url.get_secret_value()) if url else MailboxMailer()

    @cached_property
    def scanner(self) -> Scanner | None:
        """Who looks for viruses in files from outside, if anybody."""
        if self.settings.clamd_address is None:
            return None
        from app.adapters.clamav.clamd import Clamd

        return Clamd(self.settings.clamd_address)

    @cached_property
    def reader(self) -> Reader:
        from app.adapters.local.reading import LocalReader

        return LocalReader()

    @cached_property
    def printer(self) -> Printer:
        from app.adapters.local.printing import LocalPrinter

        return LocalPrinter()

    @cached_property
    def analyst(self) -> Analyst:
        from app.adapters.local.analysis import LocalAnalyst
        from app.adapters.local.checking import CheckedAnalyst

        bank = LocalAnalyst(self.settings.models_dir)
        return CheckedAnalyst(bank, bank)

    @cached_property
    def asker(self) -> Asker:
        from app.adapters.local.asking import LocalAsker

        return LocalAsker()

    @cached_property
    def matcher(self) -> Matcher:
        from app.adapters.local.matching import LocalMatcher

        return LocalMatcher(self.settings.models_dir)

    @cached_property
    def meaning(self) -> Meaning:
        from app.adapters.local.meaning import LocalMeaning

        return LocalMeaning(self.settings.models_dir)

    @cached_property
    def bank(self) -> QuestionBank:
        from app.adapters.local.bank import LocalBank

        return LocalBank(self.settings.models_dir)

    @cached_property
    def judge(self) -> Judge:
        providers = self._language_models()
        if not providers:
            return self.own_judge
        from app.adapters.llm.judging import LlmJudge
        from app.adapters.llm.ring import Guard, Ring
        from app.adapters.local.guarding import GuardedJudge

        guard = Guard(self.settings.redis_url.get_secret_value(), self.settings.llm_calls_per_minute)
        return GuardedJudge(LlmJudge(Ring(providers, guard), samples=self.settings.llm_samples))

    @cached_property
    def own_judge(self) -> Judge:
        """Without a language model, whatever is set."""
        from app.adapters.local.judging import LocalJudge

        return LocalJudge(self.settings.models_dir)

    def _language_models(self) -> list[Provider]:
        """Every key of Anthropic's, then every key of the other protocol's."""
        settings, found = self.settings, list[Provider]()
        for key in _keys(settings.anthropic_api_key):
            from app.adapters.anthropic.client import MessagesClient

            found.append(MessagesClient(key, settings.anthropic_model, settings.anthropic_base_url))
        for key in _keys(settings.openai_api_key):
            from app.adapters.openai.client import ChatClient

            found.append(ChatClient(key, settings.openai_model, settings.openai_base_url))
        return found


def _keys(setting: SecretStr | None) -> list[str]:
    said = setting.get_secret_value() if setting else ""
    return [key for key in (part.strip() for part in said.split(",")) if key]
