"""A student's training step in PyTorch: CLAP (CNN14 and BERT) with soft labels of an evaluated teacher, forward, backward and
Adam, in bfloat16 autocast with images in channels-last order.

    student_step.py FOLDER ROUNDS SECONDS

FOLDER holds weights.safetensors, the model under its published names with its sizes as metadata, and batch.safetensors, a
batch with the embeddings that another implementation makes of it in evaluation. Prints one JSON object a line: first how far
ours are from those, then the median time and the most memory of a step, run op by op ("eager") and through torch.compile.
"""

import json
import math
import os
import struct
import sys
import time

NORM_EPS = {"text": 1e-12, "projection": 1e-5}
TYPES = ("F32", "I32", "I64")


def read_safetensors(path):
    """Metadata, and by name (dtype, shape, bytes)."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in TYPES or not 0 <= begin <= end <= len(data):
            raise ValueError(f"{path}: {name} is not a tensor of {', '.join(TYPES)} within the file")
        tensors[name] = (entry["dtype"], entry["shape"], data[begin:end])
    return metadata, tensors


def load(path, device):
    types = {"F32": torch.float32, "I32": torch.int32, "I64": torch.int64}
    metadata, tensors = read_safetensors(path)
    return metadata, {
        name: torch.frombuffer(bytearray(data), dtype=types[dtype]).reshape(shape).to(device)
        for name, (dtype, shape, data) in tensors.items()
        if data
    }


def say(**answer):
    print(json.dumps(answer), flush=True)


class Model:
    """CLAP as functions of its weights, which keep their published names."""

    def __init__(self, weights, sizes):
        self.p = {
            name: value.contiguous(memory_format=torch.channels_last) if value.dim() == 4 else value
            for name, value in weights.items()
        }
        self.heads = int(sizes["heads"])
        self.layers = int(sizes["layers"])
        self.rates = {name: float(sizes[name + "_dropout"]) for name in ("text", "block", "head", "projection")}

    def parameters(self):
        frozen = ("running_", "spectrogram_extractor", "logmel_extractor")
        return [value for name, value in self.p.items() if not any(part in name for part in frozen)]

    def drop(self, x, kind, training):
        return F.dropout(x, self.rates[kind], training)

    # ---------------------------------------------------------------------------------------------- audio

    def channel_norm(self, x, name, training):
        p = self.p
        mean, variance = p[name + ".running_mean"], p[name + ".running_var"]
        return F.batch_norm(x, mean, variance, p[name + ".weight"], p[name + ".bias"], training, 0.1, 1e-5)

    def conv_block(self, x, name, training):
        for i in "12":
            x = F.conv2d(x, self.p[f"{name}.conv{i}.weight"], padding=1)
            x = F.relu(self.channel_norm(x, f"{name}.bn{i}", training))
        return x

    def audio(self, log_mel, training):
        """Log-mel (B, 1, T, F) to embeddings (B, D)."""
        base = "audio_encoder.base."
        x = self.channel_norm(log_mel.transpose(1, 3), base + "bn0", training).transpose(1, 3)
        x = x.contiguous(memory_format=torch.channels_last)
        for i in range(1, 7):
            x = self.conv_block(x, f"{base}conv_block{i}", training)
            x = self.drop(F.avg_pool2d(x, 2) if i < 6 else x, "block", training)
        x = x.mean(3)
        x = self.drop(x.amax(2) + x.mean(2), "head", training)
        x = F.relu(F.linear(x, self.p[base + "fc1.weight"], self.p[base + "fc1.bias"]))
        return self.project(self.drop(x, "head", training), "audio_encoder.projection", training)

    # ---------------------------------------------------------------------------------------------- text

    def dense(self, x, name):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def norm(self, x, name, kind):
        return F.layer_norm(x, x.shape[-1:], self.p[name + ".weight"], self.p[name + ".bias"], NORM_EPS[kind])

    def split(self, x):
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def encoder_layer(self, x, keys, name, training):
        q, k, v = (self.split(self.dense(x, f"{name}.attention.self.{part}")) for part in ("query", "key", "value"))
        rate = self.rates["text"] if training else 0.0
        context = F.scaled_dot_product_attention(q, k, v, attn_mask=keys, dropout_p=rate)
        context = self.dense(context.transpose(1, 2).flatten(2), name + ".attention.output.dense")
        x = self.norm(x + self.drop(context, "text", training), name + ".attention.output.LayerNorm", "text")
        y = self.dense(F.gelu(self.dense(x, name + ".intermediate.dense")), name + ".output.dense")
        return self.norm(x + self.drop(y, "text", training), name + ".output.LayerNorm", "text")

    def text(self, ids, mask, training):
        """Ids and mask (B, L) to embeddings (B, D)."""
        p, at = self.p, "caption_encoder.base.embeddings."
        x = F.embedding(ids, p[at + "word_embeddings.weight"], padding_idx=0)
        x = x + p[at + "position_embeddings.weight"][: ids.shape[1]] + p[at + "token_type_embeddings.weight"][0]
        x = self.drop(self.norm(x, at + "LayerNorm", "text"), "text", training)
        keys = mask.bool()[:, None, None, :]
        for i in range(self.layers):
            x = self.encoder_layer(x, keys, f"caption_encoder.base.encoder.layer.{i}", training)
        return self.project(x[:, 0], "caption_encoder.projection", training)

    # ---------------------------------------------------------------------------------------------- both

    def project(self, x, name, training):
        embedded = F.linear(x, self.p[name + ".linear1.weight"])
        refined = F.linear(F.gelu(embedded), self.p[name + ".linear2.weight"])
        x = embedded + self.drop(refined, "projection", training)
        return F.normalize(self.norm(x, name + ".layer_norm", "projection").float(), dim=-1)

    def embed(self, batch, training):
        return self.audio(batch["logmel"], training), self.text(batch["ids"], batch["mask"], training)


def soft_loss(logits, teacher, beta):
    """The divergence of one side from (1 - beta) I + beta E Et; labels below 0 count nothing."""
    labels = (1 - beta) * torch.eye(len(teacher), device=teacher.device) + beta * teacher @ teacher.t()
    return F.kl_div(F.log_softmax(logits, -1), labels.clamp(min=0), reduction="batchmean")


def student_loss(student, teacher, batch, beta):
    with torch.autocast("cuda", torch.bfloat16):
        with torch.no_grad():
            heard, read = teacher.embed(batch, training=False)
        audio, text = student.embed(batch, training=True)
    logits = (student.p["logit_scale"].exp() * audio @ text.t()).clamp(max=100)
    return 0.5 * (soft_loss(logits, heard, beta) + soft_loss(logits.t(), read, beta))


def differences(model, batch):
    with torch.no_grad():
        return [(ours - batch[name]).abs().max().item() for ours, name in zip(model.embed(batch, False), ("audio", "text"))]


def measure(step, rounds):
    """The median of the milliseconds of a step, and the most bytes that tensors took."""
    for _ in range(3):
        step()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    times = []
    for _ in range(max(rounds, 3)):
        start = time.perf_counter()
        step()
        torch.cuda.synchronize()
        times.append(1e3 * (time.perf_counter() - start))
    return sorted(times)[len(times) // 2], torch.cuda.max_memory_allocated()


def main(folder, rounds, seconds):
    end = time.monotonic() + seconds
    torch.backends.cudnn.allow_tf32 = False  # as matrix products have it unless told otherwise
    device = torch.device("cuda")
    sizes, weights = load(os.path.join(folder, "weights.safetensors"), device)
    _, batch = load(os.path.join(folder, "batch.safetensors"), device)
    batch["ids"] = batch["ids"].long()
    teacher = Model(weights, sizes)
    student = Model({name: value.clone() for name, value in weights.items()}, sizes)
    worst = differences(teacher, batch)
    if not all(map(math.isfinite, worst)):
        raise ArithmeticError(f"embeddings of audio and text differ by {worst}")
    say(difference=max(worst))

    parameters = student.parameters()
    for parameter in parameters:
        parameter.requires_grad_()
    optimizer = torch.optim.Adam(parameters, lr=1e-5, fused=True)
    beta = float(sizes["beta"])
    torch.backends.cudnn.benchmark = True
    for variant, loss in (("eager", student_loss), ("torch.compile", torch.compile(student_loss))):
        if time.monotonic() > end:
            break

        def step():
            optimizer.zero_grad(set_to_none=True)
            loss(student, teacher, batch, beta).backward()
            optimizer.step()

        try:
            millis, peak = measure(step, rounds)
        except Exception as error:  # no C compiler for torch.compile, no memory: PyTorch's own affair
            say(skip=f"{variant}: {type(error).__name__}: {str(error)[:500]}")
            continue
        say(variant=f"{variant}, bf16, channels-last", ms=millis, peak_bytes=peak, version=torch.__version__)


if __name__ == "__main__":
    try:
        import torch
        from torch.nn import functional as F
    except ImportError as missing:
        say(skip=f"this Python has no PyTorch ({missing})")
        sys.exit(0)
    if not torch.cuda.is_available():
        say(skip=f"PyTorch {torch.__version__} finds no CUDA device")
        sys.exit(0)
    try:
        main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}")
        sys.exit(1)
