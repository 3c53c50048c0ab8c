"""Signing up, logging in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Form, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from shop.dependencies import LOGIN_COOKIE, CurrentAccount, Database, Feed, Now
from shop.models import Account, Login
from shop.passwords import digest_token, hash_password, is_password, new_token
from shop.schemas import AccountOut, Credentials, problems

__all__ = ("router",)

LOGIN_SECONDS = 24 * 60 * 60

router = APIRouter()


@router.post("/accounts", status_code=201, response_model=AccountOut, responses=problems(400, 409))
async def sign_up(request: Request, credentials: Credentials, database: Database) -> Account:
    """Open an account; 409 when the name is taken. The first account is the owner's."""
    cost: int = request.state.password_cost
    password_hash = await run_in_threadpool(hash_password, credentials.password, cost=cost)
    is_first = await database.scalar(select(Account.id).limit(1)) is None
    account = Account(name=credentials.name, password_hash=password_hash, is_staff=is_first)
    database.add(account)
    try:
        await database.commit()
    except IntegrityError:
        raise HTTPException(409, f"The name {credentials.name!r} is taken.") from None
    return account


@router.post("/login", status_code=204, responses=problems(400, 401))
async def log_in(
    credentials: Annotated[Credentials, Form()], response: Response, database: Database, now: Now
) -> None:
    """Set the cookie that the other endpoints ask for."""
    query = select(Account).where(Account.name == credentials.name)
    account = await database.scalar(query)
    if account is None or not await run_in_threadpool(
        is_password, credentials.password, account.password_hash
    ):
        raise HTTPException(401, "Name and password do not match.")
    token = new_token()
    expires_at = now + LOGIN_SECONDS
    login = Login(token_digest=digest_token(token), account_id=account.id, expires_at=expires_at)
    database.add(login)
    await database.commit()
    response.set_cookie(LOGIN_COOKIE, token, max_age=LOGIN_SECONDS, httponly=True, samesite="lax")


@router.post("/logout", status_code=204)
async def log_out(
    response: Response,
    database: Database,
    feed: Feed,
    token: Annotated[str | None, Cookie(alias=LOGIN_COOKIE)] = None,
) -> None:
    """Forget the login, here and in the browser. Harmless without one."""
    if token is not None:
        query = delete(Login).where(Login.token_digest == digest_token(token))
        await database.execute(query)
        await database.commit()
        feed.end(digest_token(token))
    response.delete_cookie(LOGIN_COOKIE)


@router.get("/me", response_model=AccountOut, responses=problems(401))
async def show_me(account: CurrentAccount) -> Account:
    """Tell a logged-in customer who they are."""
    return account
