"""The sizes of the student's networks: together 9.8 million numbers."""

from engine.style_tts.config import HarmonicConfig, PLBertConfig, SynthesizerConfig
from engine.style_tts.synthesizer import Synthesizer

# Kokoro's vocabulary.
TOKENS = 178
STYLE = 16
DECODER = HarmonicConfig(width=280, n_layer=8, kernel_size=7)
PLBERT = PLBertConfig(
    vocab_size=TOKENS,
    embedding_size=128,
    hidden_size=256,
    num_attention_heads=4,
    intermediate_size=1024,
    max_position_embeddings=512,
    num_hidden_layers=4,
)
CONFIG = SynthesizerConfig(
    n_token=TOKENS,
    hidden_dim=256,
    n_layer=2,
    max_dur=50,
    style_dim=STYLE,
    decoder=DECODER,
    plbert=PLBERT,
    float32_constants=True,
)


def build() -> Synthesizer:
    """The untrained student."""
    return Synthesizer(CONFIG)
