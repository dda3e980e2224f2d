"""Which account a credential reaches: known by a keyed hash of what selects it, never by the key itself."""

from __future__ import annotations

import secrets

from ..model import Account
from .database import Database, Row, Transaction

_FIELDS = "id, base_url, organization, workspace, listed, cursor"


class Accounts:
    """The accounts seen so far, and the credentials that reached them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def salt(self) -> bytes:
        """Random bytes of this store, made once: a fingerprint means nothing anywhere else."""
        row = await self._database.row("SELECT value FROM secret WHERE name = 'salt'")
        if row is None:
            async with self._database.transaction() as transaction:
                await transaction.execute(
                    "INSERT OR IGNORE INTO secret (name, value) VALUES ('salt', ?)", secrets.token_bytes(32)
                )
                row = await transaction.row("SELECT value FROM secret WHERE name = 'salt'")
        assert row is not None
        return bytes(row[0])

    async def resolve(self, fingerprint: str, base_url: str) -> Account:
        """The account this credential last reached; a new one without a name on first use."""
        query = (
            f"SELECT {_FIELDS} FROM account WHERE base_url = ? AND id ="
            " (SELECT account_id FROM credential WHERE fingerprint = ?)"
        )
        row = await self._database.row(query, base_url, fingerprint)
        if row is None:
            async with self._database.transaction() as transaction:
                row = await transaction.row(query, base_url, fingerprint)
                if row is None:
                    row = await _create(transaction, base_url, "", "")
                    await _point(transaction, fingerprint, row[0])
        return _account(row)

    async def identify(
        self, account: Account, fingerprint: str, organization: str, workspace: str
    ) -> Account:
        """Believe the response headers: name an account without a name, or move the credential to another.

        A gateway may send no headers, or only one of them: what is empty changes nothing. Another process may
        have found out the same meanwhile: what counts is what the store says now.
        """
        async with self._database.transaction() as transaction:
            account = await _as_it_is_now(transaction, account)
            organization = organization or account.organization
            workspace = workspace or (account.workspace if organization == account.organization else "")
            if (organization, workspace) == (account.organization, account.workspace):
                await _point(transaction, fingerprint, account.id)
                return account
            there = await transaction.row(
                f"SELECT {_FIELDS} FROM account WHERE base_url = ? AND organization = ? AND workspace = ?"
                " AND merged_into IS NULL",
                account.base_url,
                organization,
                workspace,
            )
            is_partly_named = account.organization in ("", organization) and not account.workspace
            if there is None and is_partly_named:
                there = await _rename(transaction, account.id, organization, workspace)
            elif there is None:
                there = await _create(transaction, account.base_url, organization, workspace)
            elif not account.organization:
                await _merge(transaction, account.id, there[0])
            await _point(transaction, fingerprint, there[0])
        return _account(there)

    async def progress(self, account_id: int, *, cursor: str | None, listed: bool) -> None:
        """Remember how far the first listing has come."""
        async with self._database.transaction() as transaction:
            await transaction.execute(
                "UPDATE account SET cursor = ?, listed = ? WHERE id = ?", cursor, listed, account_id
            )


async def _as_it_is_now(transaction: Transaction, account: Account) -> Account:
    """The account's own row, or that of the one it was merged into."""
    row = await transaction.row(
        f"SELECT {_FIELDS} FROM account WHERE id ="
        " (SELECT coalesce(merged_into, id) FROM account WHERE id = ?)",
        account.id,
    )
    return _account(row) if row is not None else account


async def _create(transaction: Transaction, base_url: str, organization: str, workspace: str) -> Row:
    await transaction.execute(
        "INSERT INTO account (base_url, organization, workspace) VALUES (?, ?, ?)",
        base_url,
        organization,
        workspace,
    )
    row = await transaction.row(f"SELECT {_FIELDS} FROM account WHERE id = last_insert_rowid()")
    assert row is not None
    return row


async def _rename(transaction: Transaction, account_id: int, organization: str, workspace: str) -> Row:
    await transaction.execute(
        "UPDATE account SET organization = ?, workspace = ? WHERE id = ?", organization, workspace, account_id
    )
    row = await transaction.row(f"SELECT {_FIELDS} FROM account WHERE id = ?", account_id)
    assert row is not None
    return row


async def _point(transaction: Transaction, fingerprint: str, account_id: int) -> None:
    await transaction.execute(
        "INSERT INTO credential (fingerprint, account_id) VALUES (?, ?)"
        " ON CONFLICT (fingerprint) DO UPDATE SET account_id = excluded.account_id",
        fingerprint,
        account_id,
    )


async def _merge(transaction: Transaction, unnamed: int, named: int) -> None:
    """What an account without a name has collected belongs to the one it turned out to be."""
    await transaction.execute(
        "INSERT OR IGNORE INTO listing (account_id, batch_id)"
        " SELECT ?, batch_id FROM listing WHERE account_id = ?",
        named,
        unnamed,
    )
    await transaction.execute("DELETE FROM listing WHERE account_id = ?", unnamed)
    await transaction.execute("UPDATE launch SET account_id = ? WHERE account_id = ?", named, unnamed)
    await transaction.execute("UPDATE credential SET account_id = ? WHERE account_id = ?", named, unnamed)
    # The row stays: another process that knows only this one writes on, and what it writes is passed on.
    await transaction.execute("UPDATE account SET merged_into = ? WHERE id = ?", named, unnamed)


def _account(row: Row) -> Account:
    number, base_url, organization, workspace, listed, cursor = row
    return Account(number, base_url, organization, workspace, bool(listed), cursor)
