"""Receives what a webhook of Vínculo sends. pip install standardwebhooks==1.1.0

    WEBHOOK_SECRET=whsec_… python webhook.py 8080

Behind a web server of yours that speaks https; its address is the `url` of `createWebhook`.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

LONGEST = 1_000_000
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
known: set[str] = set()  # keep it where it outlives this program


def heed(message: dict) -> None:
    """What happened; keep `endCursor` with what you make of it."""
    for change in message["data"].get("changes", []):
        print(change["verb"], change["noun"], change["recordId"], *change["fields"], flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers["content-length"]), LONGEST))
        try:
            message = webhook.verify(body, dict(self.headers.items()))
        except WebhookVerificationError:
            return self.send_error(400)  # not from Vínculo, or too old
        if self.headers["webhook-id"] not in known:  # a message may come twice
            heed(message)
            known.add(self.headers["webhook-id"])
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
