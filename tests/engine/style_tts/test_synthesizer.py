"""The text encoders together, against the published reference values."""

from tests.engine.style_tts.closeness import close


def test_texts_are_encoded_with_their_lengths(net, text_path):
    encoded = net.encode_text(text_path["tokens"], text_path["lengths"])
    close(encoded.bert, text_path["bert"], 1e-4)
    close(encoded.prosodic, text_path["d_en"], 1e-4)
    close(encoded.acoustic, text_path["text_encoder"], 1e-4)


def test_the_ids_of_one_text_are_encoded_as_a_batch_of_one(net, text_path):
    ids = text_path["tokens"][0, : text_path["lengths"][0]]
    close(
        net.encode_ids(ids.tolist()).acoustic, net.encode_text(ids.unsqueeze(0), ids.new_tensor([len(ids)])).acoustic, 0
    )
