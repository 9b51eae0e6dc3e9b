"""How the voice under ``assets/voices/vits`` is made from nothing: docs/bundled-voice.md."""
