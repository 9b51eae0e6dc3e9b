"""A moving average of a network's weights: steadier than the last step's, and what is kept in the end."""

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

DECAY = 0.999


def moving_average(model: nn.Module, *, decay: float = DECAY) -> AveragedModel:
    """An average that forgets quickly at first and by ``decay`` later; feed it with `update_parameters`."""

    def mix(average: Tensor, value: Tensor, count: Tensor) -> Tensor:
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        return average.lerp(value, 1 - kept)

    return AveragedModel(model, avg_fn=mix)
