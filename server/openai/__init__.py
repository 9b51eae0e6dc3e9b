"""The speech API of OpenAI, as its clients and the programs built on them speak it: docs/openai.md.

    POST   /v1/audio/speech            `speech.Speech` -> sound, as it is made
    POST   /v1/audio/transcriptions    a recording -> what is said in it
    GET    /v1/models                  {"object": "list", "data": [...]}; /v1/models/{id} is one of them
    GET    /v1/audio/models            {"models": [{"id", "name"}]}, where some programs look for them
    GET    /v1/audio/voices            {"voices": [{"id", "name", ...}]}, where all of them look for voices
    POST   /v1/audio/voices            a voice of a recording, with the speaker's consent
    DELETE /v1/audio/voices/{id}       forget one
    POST   /v1/audio/voice_consents    a consent; GET lists them, and one of them is read, renamed and deleted by its id

Anything else under /v1/ is answered by a 404 that says so. Errors are {"error": {"message", "type", "param", "code"}}.
"""
