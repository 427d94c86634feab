"""Flags (异常提示): something looks odd, for reasons; a person looks at it, and nobody is punished by a machine.

What is odd is found by higher floors (`watch`). A flag is about an activity or a merchant, names its kind and its
figures, and is *upheld* or *dismissed* by somebody whom it does not concern.

raising    raise a flag once, ask for open ones
deciding   uphold or dismiss
kinds      what each kind says in Chinese
"""
