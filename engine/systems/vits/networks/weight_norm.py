"""Weight norm where a network was trained with it."""

from torch import nn


def normed(convolution: nn.Module, weight_norm: bool) -> nn.Module:
    """The convolution, its weight split into magnitude and direction where ``weight_norm`` is on."""
    return nn.utils.parametrizations.weight_norm(convolution) if weight_norm else convolution
