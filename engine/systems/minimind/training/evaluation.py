"""Validation while a model trains: losses on recordings that are not trained on, and a text of theirs to hear."""

from collections import deque
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.codecs.wavtokenizer import WavTokenizer
from engine.nn.decoding.loop import generate
from engine.nn.decoding.sampling import Noise, Sampling
from engine.systems.minimind.networks.lm import LanguageModel, lay_out
from engine.systems.minimind.training.config import TrainConfig
from engine.systems.minimind.training.objective import judge
from engine.systems.minimind.training.preparation import Utterance
from engine.training.metrics import MetricsLog

UTTERANCES = 32
# How the sample is drawn; the same random numbers every time.
SEED, TEMPERATURE, TOP_K, PENALTY = 0, 0.8, 25, 1.1


@torch.no_grad()
def evaluate(
    model: LanguageModel,
    codec: WavTokenizer,
    held: Sequence[Utterance],
    config: TrainConfig,
    metrics: MetricsLog,
    step: int,
) -> None:
    """Write loss and accuracy over the first of ``held`` to ``metrics``, and how the first of them is spoken.

    Training's own random numbers are left as they were.
    """
    device = model.output.weight.device
    model.eval()
    try:
        losses, hits, count = 0.0, 0.0, 0
        for utterance in held[:UTTERANCES]:
            laid = lay_out([utterance.ids], [utterance.codes.astype("int64")], closed=True).to(device)
            with config.autocast(device):
                logits = model(laid)
            judged = judge(logits, laid.targets(model.config.end))
            said = len(utterance.codes) + 1
            losses, hits, count = (
                losses + judged.loss.item() * said,
                hits + judged.accuracy.item() * said,
                count + said,
            )
        metrics.write(step, {"val_loss": losses / count, "val_accuracy": hits / count})
        first = held[0]
        codes = spoken(model, first.ids.tolist(), most=2 * len(first.codes) + 10)
    finally:
        model.train()
    for number, name, each in ((step, "spoken", codes), (0, "recorded", torch.from_numpy(first.codes.astype("int64")))):
        if len(each):
            sound = codec.decode(each.view(1, 1, -1).to(codec.codebook.device))[0]
            metrics.sample(number, name, sound.float().cpu().numpy(), codec.sample_rate)


def spoken(model: LanguageModel, ids: Sequence[int], *, most: int, greedy: bool = False) -> Tensor:
    """The codes (S,), ``most`` at most, that the model says for the ``ids`` of a text."""
    sampling = Sampling(
        max_new_tokens=most,
        temperature=(1.0 if greedy else TEMPERATURE,),
        top_k=1 if greedy else TOP_K,
        repetition_penalty=1.0 if greedy else PENALTY,
        penalty_window=64,
        penalty_once=True,
    )
    laid = lay_out([ids], [[]], closed=False).to(model.output.weight.device)
    noise = Noise(torch.Generator().manual_seed(SEED))
    steps = generate(model.body, model.vocabulary(), model.embed(laid), laid.visible, sampling, noise)
    (last,) = deque(steps, maxlen=1)
    return last.ids(0)[:, 0]
