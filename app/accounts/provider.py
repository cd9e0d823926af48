"""Sign in through an OpenID provider, where the settings name one.

Authlib does the protocol: code flow with PKCE, state and nonce, and the check of the id token. What is
decided here is whom a subject of the provider means. It never goes by name or mail address, which people may
choose freely at many providers: a subject is linked by somebody who is signed in, or brings a new user.
"""

import warnings
from typing import Any, Final

import httpx
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app.accounts.models import ProviderIdentity, User
from app.accounts.repository import AccountRepository
from app.accounts.service import ensure_user
from app.audit.service import audit
from app.platform.errors import AppError, Conflict, NotAllowed, NotFound
from app.platform.settings import Settings

_DISCOVERY: Final = "/.well-known/openid-configuration"


class ProviderFails(AppError):
    """The provider is away, or says something that cannot be believed."""

    status_code = 502


def provider_name(settings: Settings) -> str | None:
    """What pages call the provider; None where there is none."""
    return settings.oidc_name if settings.oidc_issuer else None


class Provider:
    """The provider that the settings name.

    Raises:
        NotFound: they name none.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.oidc_issuer:
            raise NotFound("page", "for a provider: HNDP_OIDC_ISSUER is not set")
        self.issuer = settings.oidc_issuer
        self._client = _load_oauth()().register(
            "provider",
            server_metadata_url=settings.oidc_issuer.rstrip("/") + _DISCOVERY,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
        )

    async def send_there(self, request: Request, back_to: str) -> Response:
        """Lead the browser to the provider.

        Raises:
            ProviderFails: it does not answer.
        """
        return await self._asked(self._client.authorize_redirect(request, back_to))

    async def claims(self, request: Request) -> dict[str, Any]:
        """Return what the provider says of whom it has sent back.

        Raises:
            ProviderFails: it does not answer, or its answer does not hold.
        """
        token = await self._asked(self._client.authorize_access_token(request))
        claims = token.get("userinfo") or {}
        if not claims.get("sub") or claims.get("iss") != self.issuer:
            raise ProviderFails("The provider's answer names nobody, or another issuer. Tell an admin.")
        return claims

    async def _asked(self, question: Any) -> Any:
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError

        try:
            return await question
        except (AuthlibBaseError, JoseError, httpx.HTTPError, ValueError, KeyError) as error:
            raise ProviderFails(
                "Signing in through the provider did not work: begin again from the sign-in page. "
                f"({type(error).__name__})"
            ) from error


def _load_oauth() -> Any:
    """Authlib's registry of providers, loaded only where there is one: it takes its time.

    It tells everybody to move on to httpx's successor, which the studio's other packages do not use yet.
    """
    from authlib.deprecate import AuthlibDeprecationWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)
        from authlib.integrations.starlette_client import OAuth
    return OAuth


def user_of(session: Session, claims: dict[str, Any], new_role: str) -> User:
    """Return whom the provider means, adding a user where `new_role` allows it.

    Raises:
        NotAllowed: nobody here, and nobody is added.
        Conflict: somebody else here has the name already.
    """
    accounts = AccountRepository(session)
    known = accounts.identity(claims["iss"], claims["sub"])
    if known is not None:
        return known.user
    name = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])[:80]
    if not new_role:
        raise NotAllowed(
            f"{name}, you have no account here. Ask an admin for a one-time link; signed in by that, link "
            "the provider on your account's page."
        )
    if accounts.user_named(name.strip()) is not None:
        raise Conflict(
            f"Somebody here is called {name} already. If that is you, sign in by a one-time link and link "
            "the provider on your account's page."
        )
    user = ensure_user(session, name, new_role)
    audit(session, user, "user_added", f"{user.name} as {new_role}, by the provider")
    link(session, user, claims)
    return user


def link(session: Session, user: User, claims: dict[str, Any]) -> None:
    """Let the provider's subject mean this user from now on.

    Raises:
        Conflict: it means somebody else.
    """
    accounts = AccountRepository(session)
    known = accounts.identity(claims["iss"], claims["sub"])
    if known is not None and known.user_id != user.id:
        raise Conflict(f"That account of the provider belongs to {known.user.name} here.")
    if known is None:
        subject = str(claims["sub"])
        accounts.add(ProviderIdentity(user_id=user.id, issuer=claims["iss"], subject=subject))
        audit(session, user, "provider_linked", f"subject {subject} of {claims['iss']}")
