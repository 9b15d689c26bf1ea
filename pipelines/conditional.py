"""For documented APIs: an unchanged page costs a 304, and is answered from what the last run remembered."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request, Response
from scrapy.responsetypes import responsetypes

from harvester.net.conditional import Conditional, remembered, validators

_KNOWN = "harvester_known"


class ConditionalMiddleware:
    """Sits outside of decompression, so that what is remembered is the page itself."""

    def __init__(self, conditional: Conditional) -> None:
        self._conditional = conditional

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ConditionalMiddleware:
        conditional: Conditional = crawler.spider.net.conditional  # type: ignore[union-attr]
        if not getattr(crawler.spider, "documented_api", False) or not conditional.remembers:
            raise NotConfigured
        return cls(conditional)

    def process_request(self, request: Request) -> None:
        request.meta.pop(_KNOWN, None)
        for name in ("If-None-Match", "If-Modified-Since"):  # of the page that redirected here
            request.headers.pop(name, None)
        known = self._conditional.recall(request.method, request.url)
        if known is not None:
            request.meta[_KNOWN] = known
            for name, value in validators(known).items():
                request.headers[name] = value

    def process_response(self, request: Request, response: Response) -> Response:
        known = request.meta.pop(_KNOWN, None)
        if response.status == 304 and known is not None:
            kind = responsetypes.from_args(headers=dict(known.headers), url=response.url, body=known.body)
            return kind(response.url, headers=dict(known.headers), body=known.body, request=request)
        if response.status == 200:
            headers = {
                name.decode("latin-1").lower(): values[-1].decode("latin-1")
                for name, values in response.headers.items()
                if values
            }
            self._conditional.learn(request.method, request.url, remembered(200, headers, response.body))
        return response
