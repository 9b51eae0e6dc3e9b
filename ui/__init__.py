"""The studio page: the only place that knows Gradio. It draws what the systems declare and plays what they say."""
