"""The packages that reading a language takes and that not everybody installs: what is missing is told in one line.

``requirements-<code>.txt`` lists those of a language, or of what stands for
many, and ``make run LANGUAGES=ja,ko`` installs them.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from engine.errors import PackageMissing
from engine.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Optional:
    """A ``package`` as it is installed, the ``module`` that it is imported as, and the language that needs it."""

    code: str
    language: Message
    package: str
    module: str

    @property
    def is_here(self) -> bool:
        """Whether it can be imported; nothing is."""
        try:
            return find_spec(self.module) is not None
        except (ImportError, ValueError):
            return False

    def missing(self) -> PackageMissing:
        """What to say where it is not installed."""
        return PackageMissing(
            "reading {language} needs the package {package}, which is not installed; install it with: "
            "make run LANGUAGES={code}, or pip install {package}",
            language=self.language,
            package=self.package,
            code=self.code,
        )

    def opened(self) -> ModuleType:
        """The module. Raises PackageMissing where it is not installed."""
        try:
            return import_module(self.module)
        except ImportError as error:
            raise self.missing() from error


JAPANESE = Optional(code="ja", language=Message("Japanese"), package="pyopenjtalk-plus", module="pyopenjtalk")
KOREAN_IPA = Optional(code="ko", language=Message("Korean in IPA"), package="ko-pron", module="ko_pron")
# Of many scripts; models that are given their languages in Latin letters were trained on what it makes of them.
LATIN = Optional(code="latin", language=Message("this language in Latin letters"), package="uroman", module="uroman")
OPTIONAL = (JAPANESE, KOREAN_IPA, LATIN)
