"""Exports the trained encoder as ONNX with int8 weights into a spaCy pipeline, as the product loads it: in steps of layers, after each of
which it is decided whether the next are run.

    pip install onnx onnxscript onnxruntime spacy safetensors scikit-learn
    python -m models.encoder.export --shared ../shared --work WORK --out models/trained/pipeline
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import spacy
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from spacy.language import Language

from detector import pipeline, words
from detector.training import lines as corpus
from detector.training import looks
from detector.training.lines import CATEGORIES, JUDGED, KINDS
from models.encoder.network import GLANCES, TAGS, Network
from models.encoder.shipping import First, Last, Next
from models.encoder.train import trained

RECALLS = (0.985, 0.97)
"""Shares of dev's lines in which the whole finds something that each glance must let pass, line by line."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--layers", type=int, default=12)
    chosen = options.parse_args()
    network, tokenizer = trained(chosen.work, chosen.shared, layers=chosen.layers)
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        for name, step in zip(pipeline.LAYERS, _steps(network), strict=True):
            _step(step, files / name, network.bert.config.hidden_size)
        tokenizer.save(str(files / "tokenizer.json"), pretty=False)
        _heads(network, files / "heads.npz")
        _labels(files / "labels.json", [-math.inf] * len(GLANCES))
        _labels(files / "labels.json", _thresholds(_pipeline(files), corpus.split(corpus.load(chosen.corpus))["dev"]))
        _pipeline(files).to_disk(chosen.out)
    print({str(p.relative_to(chosen.out)): p.stat().st_size for p in sorted(chosen.out.rglob("*")) if p.is_file()})


def _pipeline(files: Path) -> Language:
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": words.NAME}}})
    nlp.meta["name"], nlp.meta["lang"] = "detector", "xx"
    nlp.add_pipe(pipeline.NAME).from_disk(files)
    return nlp


def _labels(path: Path, thresholds: list[float]) -> None:
    path.write_text(json.dumps({"tags": TAGS, "categories": CATEGORIES, "judged": JUDGED, "kinds": KINDS, "glances": thresholds}))


def _thresholds(nlp: Language, dev: list[corpus.Line]) -> list[float]:
    """The log-odds that a line must have at each glance, and what that lets pass of dev."""
    docs, kept = looks.as_docs(dev, nlp)
    component = nlp.get_pipe(pipeline.NAME)
    glanced, read = [], []
    for doc, lines in zip(docs, kept, strict=True):
        labelled = [n for n, line in enumerate(lines) if line is not None]
        reading = component(doc).user_data["reading"]
        glanced.append(component.highest(reading.early[labelled]))
        read.append(component.highest(reading.person[labelled]))
    odds, is_found = np.concatenate(glanced), looks.finds(np.concatenate(read))
    for recall in (0.97, 0.98, 0.985, 0.99, 0.995):
        thresholds = np.quantile(odds[is_found], 1 - recall, axis=0)
        print(f"glances: recall of found {recall:.3f} at {thresholds.round(2)}, lines let through {(odds >= thresholds).mean(0).round(3)}")
    return [float(np.quantile(seen, 1 - recall)) for seen, recall in zip(odds[is_found].T, RECALLS, strict=True)]


def _steps(network: Network) -> list[torch.nn.Module]:
    return [First(network, GLANCES[0]), *(Next(network, *ends) for ends in pairwise(GLANCES)), Last(network, GLANCES[-1])]


def _step(step: torch.nn.Module, path: Path, width: int) -> None:
    given, name = (torch.full((16,), 5), "ids") if isinstance(step, First) else (torch.randn(16, width), "early")
    _onnx(step, given, path, (name,), ("hidden", "tags") if isinstance(step, Last) else ("hidden",))


def _onnx(module: torch.nn.Module, given: torch.Tensor, path: Path, names: tuple[str, ...], made: tuple[str, ...]) -> None:
    whole = path.with_suffix(".fp32.onnx")
    free = {name: {0: "tokens"} for name in (*names, *made)}
    with torch.no_grad():
        torch.onnx.export(module.eval(), (given,), str(whole), input_names=names, output_names=made, dynamic_axes=free, opset_version=17,
                          dynamo=False)
    ready = path.with_suffix(".ready.onnx")
    quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(str(ready), str(path), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    whole.unlink()
    ready.unlink()


def _heads(network: Network, path: Path) -> None:
    judges = zip(pipeline.JUDGES, (*network.glances, network.read), strict=True)
    heads = {"kind": network.kind} | {
        f"{name}_{part}": layer for name, judge in judges
        for part, layer in judge.named_children() if isinstance(layer, torch.nn.Linear)
    }
    parts = [(f"{name}_{part}", values) for name, head in heads.items() for part, values in head.named_parameters()]
    np.savez(path, **{name: values.detach().numpy().astype(np.float16) for name, values in parts})


if __name__ == "__main__":
    main()
