"""What a codec is to be: near to the recording in mel spectrograms, and like one to the discriminators.

The losses are those of WavTokenizer (arXiv:2408.16532, section 3.4) with smaller discriminators.
"""

from functools import lru_cache

import torch
import torchaudio
from torch import Tensor, nn
from torch.nn import functional as F

from engine.codecs.encodec_config import SAMPLE_RATE
from engine.codecs.training.config import TrainConfig
from engine.codecs.training.network import Reconstruction
from engine.training.discriminators import DiscriminatorConfig, Discriminators
from engine.training.losses import feature_loss, hinge_discriminator_loss, hinge_generator_loss

# (FFT size, mel bands); the hop is a quarter.
PUBLISHED = ((1024, 100),)
SEVERAL = ((512, 40), (1024, 100), (2048, 100))
FAINTEST = 1e-7


def discriminators(config: TrainConfig) -> Discriminators:
    """Of periods and of spectrograms of three resolutions, as published."""
    return Discriminators(
        DiscriminatorConfig(
            scale=False,
            width=config.discriminator_width,
            spectrogram_ffts=(2048, 1024, 512),
            spectrogram_channels=config.spectrogram_channels,
        )
    )


def mel_loss(fake: Tensor, real: Tensor, *, several: bool = False) -> Tensor:
    """The L1 distance of log mel spectrograms of samples (B, N), the mean over the resolutions."""
    resolutions = SEVERAL if several else PUBLISHED
    distances = [F.l1_loss(log_mel(fake, *each), log_mel(real, *each)) for each in resolutions]
    return torch.stack(distances).mean()


def log_mel(samples: Tensor, n_fft: int, n_mels: int) -> Tensor:
    """Log mel magnitudes (B, n_mels, frames) of samples (B, N)."""
    return torch.log(_transform(n_fft, n_mels, str(samples.device))(samples).clamp_min(FAINTEST))


@lru_cache(maxsize=8)
def _transform(n_fft: int, n_mels: int, device: str) -> nn.Module:
    return torchaudio.transforms.MelSpectrogram(SAMPLE_RATE, n_fft, hop_length=n_fft // 4, n_mels=n_mels, power=1).to(
        device
    )


def of_discriminators(networks: Discriminators, real: Tensor, fake: Tensor) -> Tensor:
    """The loss of the discriminators over samples (B, N), of which ``fake`` are constant."""
    of_real, of_fake = networks.compare(real.unsqueeze(1), fake.detach().unsqueeze(1))
    return hinge_discriminator_loss([d.logit.float() for d in of_real], [d.logit.float() for d in of_fake])


def of_codec(made: Reconstruction, real: Tensor, config: TrainConfig) -> dict[str, Tensor]:
    """The losses that need no discriminator, weighted."""
    return {
        "mel": config.c_mel * mel_loss(made.samples, real, several=config.several_mels),
        "commit": config.c_commit * made.commitment,
    }


def adversarial(networks: Discriminators, real: Tensor, fake: Tensor, config: TrainConfig) -> dict[str, Tensor]:
    """The codec's losses through discriminators whose weights are held, weighted."""
    with torch.no_grad():
        of_real = networks(real.unsqueeze(1))
    of_fake = networks(fake.unsqueeze(1))
    # The mean over discriminators and layers, as it is counted there.
    layers = sum(len(d.features) for d in of_fake)
    features = feature_loss(*([[f.float() for f in d.features] for d in side] for side in (of_real, of_fake)))
    return {
        "gen": hinge_generator_loss([d.logit.float() for d in of_fake]),
        "feature": config.c_feature * features / 2 * (len(of_fake) / layers),
    }
