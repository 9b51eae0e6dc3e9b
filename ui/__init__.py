"""The studio page: the only place that knows the web. It draws what the systems declare and plays what they say."""
