#!/usr/bin/env python3
"""How a portal checks a message from Bulla (service/front/webhook_signature.h), by the standard library alone.

    receiver = Receiver(secret)
    answer = receiver.take(headers, body)      # an HTTP status: 200, or 400 for what is forged or old

As a program: reads a message's body from standard input, the headers' values from the command line.
    webhook_signature.py SECRET-FILE SIGNATURE [NOW]
"""
import hashlib
import hmac
import sys
import time

WINDOW = 300  # seconds that the clocks, and a message's way, may differ by


class Refused(Exception):
    """Not from Bulla, or not from now."""


def verify(secret, signature, body, now):
    """The instant the message was signed at. `secret` and `body` are bytes, as they came."""
    words = [word.split("=", 1) for word in signature.split(",") if "=" in word]
    instants = [value for name, value in words if name == "t"]
    macs = [value for name, value in words if name == "v1"]
    if len(instants) != 1 or not macs or not (instants[0].isascii() and instants[0].isdigit()):
        raise Refused("no signature that could be checked")
    mac = hmac.new(secret, instants[0].encode() + b"." + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(mac.encode(), given.encode()) for given in macs):
        raise Refused("the signature is not by the secret")
    if abs(now - int(instants[0])) > WINDOW:
        raise Refused("the message is not from now")
    return int(instants[0])


class Receiver:
    """Remembers deliveries, so that a message that comes again has no effect again. What is remembered here in
    memory belongs into the portal's database, in the transaction that acts on the message."""

    def __init__(self, secret):
        self.secret = secret
        self.taken = {}

    def take(self, headers, body, act=lambda event, body: None, now=None):
        """The HTTP status to answer. `headers`: a mapping with .get; `act` is called once for each delivery."""
        now = int(time.time()) if now is None else now
        try:
            verify(self.secret, headers.get("Bulla-Signature") or "", body, now)
        except Refused:
            return 400
        # The header is not signed, the body is: it names the delivery too.
        delivery = hashlib.sha256(body).hexdigest()
        if delivery not in self.taken:
            act(headers.get("Bulla-Event"), body)
            self.taken[delivery] = now
        return 200


def main():
    with open(sys.argv[1], "rb") as file:
        secret = file.read().rstrip(b"\r\n")
    try:
        verify(secret, sys.argv[2], sys.stdin.buffer.read(), int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time()))
    except Refused as why:
        sys.exit("refused: %s" % why)
    print("genuine")


if __name__ == "__main__":
    main()
