"""The bundled voice: how the small voice under ``assets/voices/vits`` is made from nothing."""
