"""Training, start to end: codes of the recordings first, then the language model over them, resumable at any moment.

docs/minimind-training.md has the target that is learnt here, and why it is not the released code's.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.codecs import wavtokenizer
from engine.codecs.training.train import train as train_codec
from engine.codecs.wavtokenizer import WavTokenizer
from engine.config_file import check, read_json
from engine.events import Progress
from engine.message import Message
from engine.systems.minimind.networks.lm import Laid
from engine.systems.minimind.training.batches import Batches
from engine.systems.minimind.training.config import CODEC, LANGUAGE_MODEL, Run, TrainConfig, read_run
from engine.systems.minimind.training.evaluation import evaluate
from engine.systems.minimind.training.objective import judge, rate
from engine.systems.minimind.training.preparation import Utterance, missing, prepare, prepare_share, read_prepared
from engine.systems.minimind.training.state import State, new_state, resume, save
from engine.training import processes
from engine.training.metrics import MetricsLog
from engine.training.recordings import listed
from engine.training.sitting import Sitting

logger = logging.getLogger(__name__)


def train(config_path: Path) -> Iterator[Progress]:
    """Train the language model, or the codec where the configuration's ``kind`` is that; closing saves and stops.

    Goes on from where the run's folder stands. It receives out/pretrain_<width>.pth, its JSON and the codec, together
    a checkpoint, metrics.jsonl and samples. Raises EngineErrors.
    """
    kind = read_json(config_path).get("kind", LANGUAGE_MODEL)
    check(kind in (LANGUAGE_MODEL, CODEC), "kind={kind!r:.40} is neither lm nor codec", kind=kind)
    if kind == CODEC:
        yield from train_codec(config_path)
        return
    run = read_run(config_path)
    count = run.train.processes
    processes.check_count(count)
    if run.data.processes > 1 and missing(run, listed(run.recordings)):
        yield from processes.spawn(prepare_share, (config_path,), run.data.processes)
    yield from processes.spawn(train_here, (config_path,), count) if count > 1 else train_here(config_path)


def train_here(config_path: Path) -> Iterator[Progress]:
    """The part of one process: the whole training, or its share where a launcher has started several."""
    run = read_run(config_path)
    device = run.train.place()
    with processes.group(device) as (rank, size):
        yield Progress(done=0, total=None, label="reading the lists of recordings")
        recordings = listed(run.recordings)
        yield from prepare(run, recordings, device, rank, size)
        processes.gather(None)  # all have made their share
        codec = wavtokenizer.load(run.codec)
        config = run.model(codec.codebook_size)
        prepared = read_prepared(run, recordings, config.max_positions)
        for reason, left_out in prepared.left_out.items():
            yield _told(
                Message(
                    "{count} of {total} recordings left out: {reason}",
                    count=left_out,
                    total=len(recordings),
                    reason=reason,
                )
            )
        held = prepared.utterances[:: run.data.held_out]
        kept = [each for number, each in enumerate(prepared.utterances) if number % run.data.held_out]
        batches = Batches(
            utterances=kept,
            batch_size=run.train.batch_size,
            longest=config.max_positions,
            seed=run.train.seed,
            pairs=run.train.pairs,
            replicas=size,
            rank=rank,
        )
        torch.manual_seed(run.train.seed)
        state = new_state(run, config, device)
        torch.manual_seed(run.train.seed + rank)
        for note in resume(state, run, len(batches)):
            yield _told(note, state.step)
        yield from _loop(state, run, batches, held, codec)


def _told(note: Message, step: int = 0) -> Progress:
    logger.info("%s", note)
    return Progress(done=step, total=None, label=note)


def _loop(state: State, run: Run, batches: Batches, held: list[Utterance], codec: WavTokenizer) -> Iterator[Progress]:
    config, stride = run.train, run.train.accumulation_steps
    metrics = MetricsLog(run.folder, state.step) if processes.rank() == 0 else None
    # What is left over at the end of an epoch goes on into the next; only whole steps of the optimiser count.
    last_step = max(stride, min(config.max_steps, config.epochs * len(batches)) // stride * stride)
    sitting = Sitting(config, state.step, state.minutes, last_step)
    label, saved_step = Message("training"), state.step
    upcoming = _batches(batches, state.step)
    try:
        while not sitting.done:
            losses = train_step(state, [next(upcoming).to(state.device) for _ in range(stride)], config, sitting)
            if metrics and state.step // config.log_interval > (state.step - stride) // config.log_interval:
                values = {name: value.item() for name, value in losses.items()}
                metrics.write(state.step, values | {"epoch": 1 + (state.step - 1) // len(batches)})
                label = Message("loss {loss:.3f}", loss=values["loss"])
            state.minutes = sitting.minutes
            if sitting.due(state.step, stride):
                if metrics and held and sitting.evaluates(state.step, stride):
                    evaluate(state.model, codec, held, config, metrics, state.step)
                save(state, run, len(batches))
                sitting.saved()
                saved_step = state.step
            yield Progress(done=state.step, total=last_step, label=label)
    except GeneratorExit:
        # Between two steps everything is consistent. In a group the others are elsewhere: the last save stands.
        if processes.size() == 1 and state.step > saved_step:
            save(state, run, len(batches))
        raise


def train_step(state: State, batches: list[Laid], config: TrainConfig, sitting: Sitting) -> dict[str, Tensor]:
    """One step of the optimiser on the mean gradient of ``batches``; returns the losses and the gradient's length.

    The learning rate is that of the last of them.
    """
    state.optimizer.zero_grad(set_to_none=True)
    losses, accuracies = [], []
    for laid in batches:
        with config.autocast(state.device):
            logits = state.model(laid)
        judged = judge(logits, laid.targets(state.model.config.end), smoothing=config.label_smoothing)
        (judged.loss / len(batches)).backward()
        losses.append(judged.loss.detach())
        accuracies.append(judged.accuracy)
        peak = rate(
            config.learning_rate, state.step, config.warmup_iters, sitting.share(state.step, config.warmup_iters)
        )
        state.step += 1
    for parameter in state.model.parameters():
        if parameter.grad is None:  # an expert that nothing has chosen; in a group all exchange all
            parameter.grad = torch.zeros_like(parameter)
    processes.average_gradients(state.model.parameters())
    norm = nn.utils.clip_grad_norm_(state.model.parameters(), config.grad_clip)
    state.set_rate(peak)
    state.optimizer.step()
    found = {"loss": torch.stack(losses).mean(), "accuracy": torch.stack(accuracies).mean(), "grad_norm": norm}
    return found | {"learning_rate": torch.tensor(peak)}


def _batches(batches: Batches, step: int) -> Iterator[Laid]:
    """All batches from ``step`` on, epoch after epoch."""
    epoch, done = divmod(step, len(batches))
    while True:
        for batch in batches.of_epoch(epoch)[done:]:
            yield batches.laid(batch)
        epoch, done = epoch + 1, 0
