"""How the offline voice of Kokoro's system is made: docs/bundled-voice.md."""
