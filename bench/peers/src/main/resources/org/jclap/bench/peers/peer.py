# What PyTorch does in the comparison, in TorchScript, so that all of PyTorch can be used and nothing of the host
# program is timed. Images are (B, C, T, F) in either memory format; p holds weights under their published names.

class Peer(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # ------------------------------------------------------------------------------------------------ inputs

  def copy(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.clone(x, memory_format=0)

  def channels_first(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.contiguous(x, memory_format=0)

  def channels_last(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.contiguous(x, memory_format=2)

  # From (B, T, F, C), and back.
  def image(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.permute(x, [0, 3, 1, 2])

  def rows(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.permute(x, [0, 2, 3, 1])

  def zeros_like(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.zeros_like(x)

  # ------------------------------------------------------------------------------------------------ ops

  def matmul(self: __torch__.Peer, a: Tensor, b: Tensor) -> Tensor:
    return torch.matmul(a, b)

  def linear(self: __torch__.Peer, x: Tensor, w: Tensor) -> Tensor:
    return torch.linear(x, w)

  # These write into a given tensor, so that their time does not depend on where memory comes from.
  def add(self: __torch__.Peer, a: Tensor, b: Tensor, y: Tensor) -> Tensor:
    return torch.add(a, b, out=y)

  def relu(self: __torch__.Peer, x: Tensor, y: Tensor) -> Tensor:
    return torch.clamp_min(x, 0, out=y)

  def gelu(self: __torch__.Peer, x: Tensor, y: Tensor) -> Tensor:
    return torch.gelu(x, out=y)

  def softmax(self: __torch__.Peer, x: Tensor, y: Tensor) -> Tensor:
    return torch._softmax(x, -1, False, out=y)

  def layer_norm(self: __torch__.Peer, x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], w, b, 1e-05)

  def conv(self: __torch__.Peer, x: Tensor, w: Tensor) -> Tensor:
    return torch.conv2d(x, w, None, [1, 1], [1, 1], [1, 1], 1)

  def conv_forward(self: __torch__.Peer, x: Tensor, w: Tensor) -> Tensor:
    return (self).rows((self).conv(x, w))

  def conv_forward_backward(self: __torch__.Peer, x: Tensor, w: Tensor, dy: Tensor) -> List[Tensor]:
    y = (self).conv(x, w)
    gradients = torch.grad([y], [x, w], annotate(List[Optional[Tensor]], [dy]))
    dx = unchecked_cast(Tensor, gradients[0])
    dw = unchecked_cast(Tensor, gradients[1])
    return [(self).rows(y), (self).rows(dx), dw]

  # ------------------------------------------------------------------------------------------------ CNN14

  def norm_relu(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str, training: bool) -> Tensor:
    return torch.relu_((self).channel_norm(x, p, name, training))

  def channel_norm(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str, training: bool) -> Tensor:
    return torch.batch_norm(x, p[name + ".weight"], p[name + ".bias"], p[name + ".running_mean"], p[name + ".running_var"], training, 0.1, 1e-05, False)

  def conv_block(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str, training: bool) -> Tensor:
    a = (self).norm_relu((self).conv(x, p[name + ".conv1.weight"]), p, name + ".bn1", training)
    return (self).norm_relu((self).conv(a, p[name + ".conv2.weight"]), p, name + ".bn2", training)

  # log-mel (B, 1, T, F) to the embedding (B, E).
  def cnn14(self: __torch__.Peer, log_mel: Tensor, p: Dict[str, Tensor], base: str, training: bool) -> Tensor:
    bands = torch.permute(log_mel, [0, 3, 2, 1])
    x = torch.permute((self).channel_norm(bands, p, base + "bn0", training), [0, 3, 2, 1])
    for i in range(6):
      x = (self).conv_block(x, p, base + "conv_block" + str(i + 1), training)
      if torch.lt(i, 5):
        x = torch.avg_pool2d(x, [2, 2])
      else:
        pass
    over_mels = torch.mean(x, [3])
    pooled = torch.add(torch.amax(over_mels, [2]), torch.mean(over_mels, [2]))
    return torch.relu_(torch.linear(pooled, p[base + "fc1.weight"], p[base + "fc1.bias"]))

  def cnn14_infer(self: __torch__.Peer, log_mel: Tensor, p: Dict[str, Tensor]) -> Tensor:
    return (self).cnn14(log_mel, p, "", False)

  # Binary cross-entropy of the tags with the targets 0.
  def cnn14_step(self: __torch__.Peer, log_mel: Tensor, p: Dict[str, Tensor], parameters: List[Tensor], first: List[Tensor], second: List[Tensor], counts: List[Tensor]) -> List[Tensor]:
    embedding = (self).cnn14(log_mel, p, "", True)
    logits = torch.linear(embedding, p["fc_audioset.weight"], p["fc_audioset.bias"])
    loss = torch.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits))
    return (self).update(loss, parameters, first, second, counts)

  # ------------------------------------------------------------------------------------------------ BERT

  def dense(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
    return torch.linear(x, p[name + ".weight"], p[name + ".bias"])

  def norm(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str, eps: float) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], p[name + ".weight"], p[name + ".bias"], eps)

  # (B, L, H) to (B, heads, L, H / heads), 64 numbers a head as in every published size.
  def heads(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.transpose(torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), -1, 64]), 1, 2)

  def encoder_layer(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
    own = name + ".attention.self"
    q = (self).heads((self).dense(x, p, own + ".query"))
    k = (self).heads((self).dense(x, p, own + ".key"))
    v = (self).heads((self).dense(x, p, own + ".value"))
    context = torch.scaled_dot_product_attention(q, k, v)
    joined = torch.reshape(torch.transpose(context, 1, 2), torch.size(x))
    a = torch.add(x, (self).dense(joined, p, name + ".attention.output.dense"))
    attended = (self).norm(a, p, name + ".attention.output.LayerNorm", 1e-12)
    inner = torch.gelu((self).dense(attended, p, name + ".intermediate.dense"))
    b = torch.add(attended, (self).dense(inner, p, name + ".output.dense"))
    return (self).norm(b, p, name + ".output.LayerNorm", 1e-12)

  # ids (B, L), nothing of it padding, to hidden states (B, L, H).
  def bert(self: __torch__.Peer, ids: Tensor, p: Dict[str, Tensor], base: str) -> Tensor:
    at = base + "embeddings."
    words = torch.embedding(p[at + "word_embeddings.weight"], ids, 0)
    types = torch.embedding(p[at + "token_type_embeddings.weight"], torch.zeros_like(ids))
    positions = torch.slice(p[at + "position_embeddings.weight"], 0, 0, torch.size(ids, 1))
    x = (self).norm(torch.add(torch.add(words, types), positions), p, at + "LayerNorm", 1e-12)
    i = 0
    while torch.__contains__(p, base + "encoder.layer." + str(i) + ".output.dense.bias"):
      x = (self).encoder_layer(x, p, base + "encoder.layer." + str(i))
      i = torch.add(i, 1)
    return x

  def bert_infer(self: __torch__.Peer, ids: Tensor, p: Dict[str, Tensor]) -> Tensor:
    return (self).bert(ids, p, "")

  def bert_step(self: __torch__.Peer, ids: Tensor, p: Dict[str, Tensor], parameters: List[Tensor], first: List[Tensor], second: List[Tensor], counts: List[Tensor]) -> List[Tensor]:
    hidden = (self).bert(ids, p, "")
    return (self).update(torch.mean(torch.square(hidden)), parameters, first, second, counts)

  # ------------------------------------------------------------------------------------------------ CLAP

  def normalize(self: __torch__.Peer, x: Tensor) -> Tensor:
    return torch.div(x, torch.sqrt(torch.sum(torch.square(x), [-1], True)))

  def projection(self: __torch__.Peer, x: Tensor, p: Dict[str, Tensor], name: str) -> Tensor:
    embedded = torch.linear(x, p[name + ".linear1.weight"])
    refined = torch.linear(torch.gelu(embedded), p[name + ".linear2.weight"])
    return (self).normalize((self).norm(torch.add(embedded, refined), p, name + ".layer_norm", 1e-05))

  def clap_step(self: __torch__.Peer, log_mel: Tensor, ids: Tensor, p: Dict[str, Tensor], parameters: List[Tensor], first: List[Tensor], second: List[Tensor], counts: List[Tensor]) -> List[Tensor]:
    heard = (self).cnn14(log_mel, p, "audio_encoder.base.", True)
    read = (self).bert(ids, p, "caption_encoder.base.")
    audio = (self).projection(heard, p, "audio_encoder.projection")
    text = (self).projection(torch.select(read, 1, 0), p, "caption_encoder.projection")
    return (self).update((self).hard_loss(audio, text, p["logit_scale"]), parameters, first, second, counts)

  # ------------------------------------------------------------------------------------------------ losses

  def logits(self: __torch__.Peer, audio: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    return torch.clamp(torch.mul(torch.matmul(audio, torch.t(text)), torch.exp(scale)), None, 100.)

  def hard_loss(self: __torch__.Peer, audio: Tensor, text: Tensor, scale: Tensor) -> Tensor:
    s = (self).logits(audio, text, scale)
    own = torch.arange(torch.size(audio, 0))
    return torch.mul(torch.add(torch.cross_entropy_loss(s, own), torch.cross_entropy_loss(torch.t(s), own)), 0.5)

  # The divergence of one side's logits from the labels (1 - beta) I + beta E Et of its teacher, those above 0.
  def soft_side(self: __torch__.Peer, s: Tensor, teacher: Tensor, beta: Tensor) -> Tensor:
    similar = torch.mul(torch.matmul(teacher, torch.t(teacher)), beta)
    labels = torch.relu_(torch.add(similar, torch.mul(torch.eye(torch.size(teacher, 0)), torch.rsub(beta, 1))))
    return torch.div(torch.kl_div(torch.log_softmax(s, -1), labels, 2), torch.size(teacher, 0))

  def hard(self: __torch__.Peer, audio: Tensor, text: Tensor, scale: Tensor) -> List[Tensor]:
    return (self).with_gradients((self).hard_loss(audio, text, scale), [audio, text, scale])

  def soft(self: __torch__.Peer, audio: Tensor, text: Tensor, scale: Tensor, teacher_audio: Tensor, teacher_text: Tensor, beta: Tensor) -> List[Tensor]:
    s = (self).logits(audio, text, scale)
    sides = torch.add((self).soft_side(s, teacher_audio, beta), (self).soft_side(torch.t(s), teacher_text, beta))
    return (self).with_gradients(torch.mul(sides, 0.5), [audio, text, scale])

  def with_gradients(self: __torch__.Peer, loss: Tensor, inputs: List[Tensor]) -> List[Tensor]:
    result = [loss]
    for gradient in torch.grad([loss], inputs):
      result = torch.add(result, [unchecked_cast(Tensor, gradient)])
    return result

  # ------------------------------------------------------------------------------------------------ Adam

  # Backward, and PyTorch's fused Adam on what has a gradient: in place, which is allowed to detached parameters only.
  def update(self: __torch__.Peer, loss: Tensor, parameters: List[Tensor], first: List[Tensor], second: List[Tensor], counts: List[Tensor]) -> List[Tensor]:
    updated = annotate(List[Tensor], [])
    gradients = annotate(List[Tensor], [])
    means = annotate(List[Tensor], [])
    squares = annotate(List[Tensor], [])
    steps = annotate(List[Tensor], [])
    all = torch.grad([loss], parameters, None, None, False, True)
    for i in range(torch.len(all)):
      gradient = all[i]
      if torch.__isnot__(gradient, None):
        updated = torch.append(updated, torch.detach(parameters[i]))
        gradients = torch.append(gradients, unchecked_cast(Tensor, gradient))
        means = torch.append(means, first[i])
        squares = torch.append(squares, second[i])
        steps = torch.append(steps, counts[i])
      else:
        pass
    torch._foreach_add_(steps, 1)
    torch._fused_adam_(updated, gradients, means, squares, annotate(List[Tensor], []), steps, lr=1e-05, beta1=0.9, beta2=0.999, weight_decay=0., eps=1e-08, amsgrad=False, maximize=False)
    return torch.add([loss], gradients)
