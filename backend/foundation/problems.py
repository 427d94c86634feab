"""Every error becomes the same body: code, message in Chinese, facts, errors by field, request id. Never a trace."""

import logging
from typing import Any

from flask import Flask, Response, g, jsonify
from marshmallow import fields
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from backend.foundation.errors import AppError, Busy, Unavailable
from backend.foundation.shapes import Shape, Text

log = logging.getLogger(__name__)


class Problem(Shape):
    """What every refusal looks like."""

    code = Text(required=True)
    message = Text(required=True)
    facts = fields.Dict(keys=fields.String())
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    request_id = Text(required=True)


# What Flask and webargs refuse by themselves: status → (code, what to do next).
OF_HTTP = {
    400: ("bad_request", "请求格式有误，请更新小程序后再试"),
    404: ("not_found", "没有找到，可能已被删除或不属于本街道"),
    405: ("method_not_allowed", "不支持这种操作，请更新小程序后再试"),
    406: ("not_acceptable", "不支持这种格式"),
    408: ("timeout", "网络较慢，请求没有收全，请再试一次"),
    413: ("too_large", "内容过大，请减少后再提交"),
    414: ("address_too_long", "地址过长"),
    415: ("unsupported_media_type", "请用 application/json 提交"),
    422: ("invalid", "填写的内容有误，请按提示修改"),
    429: ("too_many_requests", "操作太频繁，请稍等一会儿再试"),
    431: ("headers_too_large", "请求头过大"),
    500: ("internal", "系统出错了，工程师已收到通知，请稍后再试"),
    503: ("unavailable", "服务暂时不可用，请稍后再试，您的数据不会丢失"),
}


def answer_errors(app: Flask) -> None:
    app.register_error_handler(AppError, _of_refusal)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(InterfaceError, _of_database)
    app.register_error_handler(TimeoutError, _of_database)  # every connection is in use
    app.register_error_handler(RedisError, _of_redis)
    app.register_error_handler(Exception, _of_bug)


def problem(refusal: AppError) -> dict[str, Any]:
    """The body of a refusal."""
    body: dict[str, Any] = {"code": refusal.code, "message": refusal.text, "facts": refusal.facts}
    if refusal.errors:
        body["errors"] = refusal.errors
    return body | {"request_id": g.get("request_id", "")}


def _of_refusal(refusal: AppError) -> Response:
    response = jsonify(problem(refusal))
    response.status_code = refusal.status
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.facts.get("retry_after", refusal.retry_after))
    return response


def _of_http(error: HTTPException) -> Response:
    if error.response is not None and error.code is None:
        return error.response  # type: ignore[return-value]  # a redirect raised as an exception
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    code, message = OF_HTTP.get(status, OF_HTTP[500 if status >= 500 else 400])
    body: dict[str, Any] = {"code": code, "message": message, "facts": {}}
    said = getattr(error, "data", {}).get("messages")
    if said and status == 422:
        body["errors"] = flat(next(iter(said.values())) if len(said) == 1 else said)
    response = jsonify(body | {"request_id": g.get("request_id", "")})
    response.status_code = status
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    if status in (429, 503) and "Retry-After" not in response.headers:
        response.headers["Retry-After"] = "30" if status == 429 else "5"
    return response


def flat(errors: Any, prefix: str = "") -> dict[str, list[str]]:
    """{"sessions": {0: {"ends_at": […]}}} → {"sessions.0.ends_at": […]}"""
    if isinstance(errors, dict):
        merged: dict[str, list[str]] = {}
        for name, below in errors.items():
            # What a stranger calls a field may be no text at all (half a surrogate pair), or a book.
            step = str(name)[:60].encode("utf-8", "replace").decode() if name != "_schema" else ""
            merged |= flat(below, ".".join(part for part in (prefix, step) if part))
        return merged
    return {prefix or "body": [str(text) for text in (errors if isinstance(errors, list) else [errors])]}


def _of_database(error: Exception) -> Response:
    log.error("database not answering", exc_info=error)
    return _of_refusal(Busy())


def _of_redis(error: Exception) -> Response:
    log.error("redis not answering: %s", type(error).__name__)
    return _of_refusal(Unavailable())


def _of_bug(error: Exception) -> Response:
    log.error("unexpected", exc_info=error)
    code, message = OF_HTTP[500]
    response = jsonify(code=code, message=message, facts={}, request_id=g.get("request_id", ""))
    response.status_code = 500
    return response
