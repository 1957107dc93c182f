"""Writes what the teacher, all-mpnet-base-v2, says of word pieces and sentences: float32, 768 to a row, unit length.

python3 bench/static-table/teacher.py --model /tmp/all-mpnet-base-v2 --vocabulary vocabulary.txt --sentences /tmp/sentences --out /tmp/teacher

Needs numpy and tokenizers, and no more: no build of the model for onnxruntime is to be had. Sentences are read in batches
of equal length, so that none is padded. Source of the layers: MPNet, Song et al. 2020; mean pooling as its model card says.
"""
import argparse
import json
import os
import struct
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
import numpy as np
from tokenizers import Tokenizer

HEADS, WIDE, BUCKETS, FAR, EPSILON = 12, 64, 32, 128, 1e-5

parser = argparse.ArgumentParser()
for name in ("model", "vocabulary", "sentences", "out"):
    parser.add_argument(f"--{name}", required=True)
wanted = parser.parse_args()


def weights(path):
    """Reads a file of safetensors: name -> float32 array; what stands at "x.weight" of two dimensions is turned for x @ W."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = np.frombuffer(file.read(), np.uint8)
    read = {
        name.removeprefix("mpnet."): body[slice(*at["data_offsets"])].view(np.float32).reshape(at["shape"])
        for name, at in header.items()
        if name != "__metadata__" and at["dtype"] == "F32"
    }
    linear = [name for name in read if name.startswith("encoder.layer") and read[name].ndim == 2]
    return read | {name: np.ascontiguousarray(read[name].T) for name in linear}


W = weights(os.path.join(wanted.model, "model.safetensors"))


def linear(x, name):
    return x @ W[f"{name}.weight"] + W[f"{name}.bias"]


def normed(x, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON) * W[f"{name}.weight"] + W[f"{name}.bias"]


def gelu(x):
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))


def positions(length):
    """The learned bias of each pair of places, by how far they are apart: shape [heads, length, length]."""
    apart = np.arange(length)[:, None] - np.arange(length)[None]
    half, near = BUCKETS // 2, BUCKETS // 4
    distance = np.abs(apart)
    far = near + (np.log(np.maximum(distance, 1) / near) / np.log(FAR / near) * (half - near)).astype(int)
    bucket = (apart < 0) * half + np.where(distance < near, distance, np.minimum(far, half - 1))
    return W["encoder.relative_attention_bias.weight"][bucket].transpose(2, 0, 1)


def vectors(ids):
    """ids: [batch, length] of equal length, with both ends. Returns [batch, 768], unit length."""
    batch, length = ids.shape
    x = W["embeddings.word_embeddings.weight"][ids] + W["embeddings.position_embeddings.weight"][2 : 2 + length]
    x = normed(x, "embeddings.LayerNorm").reshape(batch * length, -1)
    bias = positions(length)
    for layer in range(12):
        at = f"encoder.layer.{layer}"
        q, k, v = (
            linear(x, f"{at}.attention.attn.{part}").reshape(batch, length, HEADS, WIDE).transpose(0, 2, 1, 3)
            for part in "qkv"
        )
        shares = q @ k.transpose(0, 1, 3, 2) / np.sqrt(WIDE) + bias
        shares = np.exp(shares - shares.max(-1, keepdims=True))
        heard = (shares / shares.sum(-1, keepdims=True) @ v).transpose(0, 2, 1, 3).reshape(batch * length, -1)
        x = normed(x + linear(heard, f"{at}.attention.attn.o"), f"{at}.attention.LayerNorm")
        x = normed(x + linear(gelu(linear(x, f"{at}.intermediate.dense")), f"{at}.output.dense"), f"{at}.output.LayerNorm")
    mean = x.reshape(batch, length, -1).mean(1)
    return (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)


def teach(sequences, file, what):
    """Writes the vector of each sequence of ids, in order."""
    out = np.zeros((len(sequences), HEADS * WIDE), np.float32)
    by_length = {}
    for row, ids in enumerate(sequences):
        by_length.setdefault(len(ids), []).append(row)
    began, done = time.time(), 0
    for _, rows in sorted(by_length.items()):
        for at in range(0, len(rows), 64):
            some = rows[at : at + 64]
            out[some] = vectors(np.array([sequences[row] for row in some]))
            done += len(some)
            if done % 2048 < 64 or done == len(sequences):
                print(f"{time.time() - began:6.0f} s  {what}: {done} of {len(sequences)}", flush=True)
    out.tofile(os.path.join(wanted.out, file))


tokenizer = Tokenizer.from_file(os.path.join(wanted.model, "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(64)
known = tokenizer.get_vocab()
with open(wanted.vocabulary, encoding="utf8") as file:
    pieces = file.read().rstrip("\n").split("\n")
texts = []
for name in sorted(name for name in os.listdir(wanted.sentences) if name.endswith(".txt")):
    with open(os.path.join(wanted.sentences, name), encoding="utf8", newline="\n") as file:
        texts += [line for line in file.read().split("\n") if line.strip() != ""]

os.makedirs(wanted.out, exist_ok=True)
teach([[known["<s>"], known.get(piece, known["[UNK]"]), known["</s>"]] for piece in pieces], "pieces.f32", "pieces")
teach([read.ids for read in tokenizer.encode_batch(texts)], "sentences.f32", "sentences")
