"""What becomes of addresses in the course of years: a host's answers as they are once it moved, froze, was emptied,
hid behind a wall, refuses us, died, changed its shape, or has a bad day.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import PlainTextResponse, RedirectResponse, Response

from simulators.exchange import Ask, Host, as_json

_ANUBIS = (
    "<!doctype html><html><head><title>Making sure you&#39;re not a bot!</title>"
    '<script id="anubis_version" type="application/json">"v1.21.3"</script>'
    '<link rel="stylesheet" href="/.within.website/x/xess/xess.css"></head><body><p>Loading...</p>'
    '<script src="/.within.website/x/cmd/anubis/static/js/main.mjs"></script></body></html>'
)
_CLOUDFLARE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    "<script>(function(){window._cf_chl_opt={cvId:'3'};})();</script>"
    '<script src="/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1"></script></body></html>'
)
MOVED_TO = "moved."
"""A host that moved is found under its name with this before it."""
DECAYS = ("moved", "frozen", "emptied", "anubis", "cloudflare", "refuses", "dead", "shape", "silent")
AGED = "Mon, 26 Oct 2020 04:00:00 GMT"


@dataclass(slots=True)
class Decayed:
    """A host in decay: one of DECAYS, or "fine". An `empty` answer is what its API says of nothing."""

    host: Host
    decay: str
    empty: object = None

    def answer(self, ask: Ask) -> Response:
        """As the host would answer, but for its decay."""
        match self.decay:
            case "moved":
                query = f"?{urlencode(dict(ask.query))}" if ask.query else ""
                return RedirectResponse(f"http://{MOVED_TO}{ask.host}{ask.path}{query}", 301)
            case "frozen":
                made = self.host.answer(ask)
                made.headers["last-modified"] = AGED
                return made
            case "emptied":
                return as_json(self.empty if self.empty is not None else [])
            case "anubis":  # its page comes with 200
                return Response(_ANUBIS, 200, media_type="text/html")
            case "cloudflare":
                return Response(_CLOUDFLARE, 403, {"cf-mitigated": "challenge"}, media_type="text/html")
            case "refuses":
                return PlainTextResponse("Forbidden", 403)
            case "dead":
                return PlainTextResponse("Not Found", 404)
            case "shape":
                return as_json({"apiVersion": "3", "results": {"rows": "see /v3/rows"}})
            case "silent":
                return PlainTextResponse("Service Unavailable", 503)
        return self.host.answer(ask)
