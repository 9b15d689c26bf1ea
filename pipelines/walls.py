"""A wall that asks for a browser is told as one, and never taken for a page of the source."""

from __future__ import annotations

from scrapy.http import Request, Response

from harvester.net.walls import refuse_walls


class WallsMiddleware:
    """Within the retries, as to ask again does not help, and before an answer is remembered."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Raises Walled."""
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        refuse_walls(request.url, response.status, headers, response.body)
        return response
