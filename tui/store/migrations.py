"""The steps from an empty file to today's tables; append only: a released step never changes.

Two kinds of tables: what cannot be fetched again (account, credential, secret, label, launch, setting) is
never dropped by a step; the rest (batch, listing, the result index) may be: sync and downloads refill it.
"""

from __future__ import annotations

APPLICATION_ID = 0x62644B31
"""Marks the file as ours, so that some other program's database is left alone."""

MIGRATIONS: list[tuple[str, ...]] = [
    (
        # -- cannot be fetched again ---------------------------------------------------------------------
        "CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        """CREATE TABLE account (
            id INTEGER PRIMARY KEY,
            base_url TEXT NOT NULL,
            organization TEXT NOT NULL DEFAULT '',
            workspace TEXT NOT NULL DEFAULT '',
            listed INTEGER NOT NULL DEFAULT 0,
            cursor TEXT,
            merged_into INTEGER REFERENCES account (id)
        )""",
        """CREATE UNIQUE INDEX account_named ON account (base_url, organization, workspace)
            WHERE organization != ''""",
        """CREATE TABLE credential (
            fingerprint TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id)
        ) WITHOUT ROWID""",
        "CREATE TABLE label (batch_id TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE launch (
            id TEXT PRIMARY KEY,
            account_id INTEGER NOT NULL REFERENCES account (id),
            state TEXT NOT NULL,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            requests INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            models TEXT NOT NULL,
            first_sent_at INTEGER,
            sent_at INTEGER,
            batch_id TEXT UNIQUE,
            problem TEXT NOT NULL DEFAULT ''
        )""",
        "CREATE INDEX launch_content ON launch (sha256)",
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # -- can be fetched again: times are microseconds since 1970, UTC ---------------------------------
        """CREATE TABLE batch (
            id TEXT PRIMARY KEY,
            state TEXT NOT NULL,
            processing INTEGER NOT NULL,
            succeeded INTEGER NOT NULL,
            errored INTEGER NOT NULL,
            canceled INTEGER NOT NULL,
            expired INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            ended_at INTEGER,
            cancel_initiated_at INTEGER,
            archived_at INTEGER,
            results_url TEXT,
            asked_at INTEGER NOT NULL,
            gone_at INTEGER,
            forgotten INTEGER NOT NULL DEFAULT 0,
            misses INTEGER NOT NULL DEFAULT 0,
            missed_at INTEGER
        )""",
        # A batch may be seen through two accounts: directly, and through a gateway in front of the same.
        """CREATE TABLE listing (
            account_id INTEGER NOT NULL REFERENCES account (id),
            batch_id TEXT NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
            PRIMARY KEY (account_id, batch_id)
        ) WITHOUT ROWID""",
        """CREATE TABLE result_file (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            batch_id TEXT NOT NULL UNIQUE,
            complete INTEGER NOT NULL DEFAULT 0,
            lines INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            attention INTEGER NOT NULL DEFAULT 0,
            missing INTEGER NOT NULL DEFAULT 0
        )""",
        # An account without a name may turn out to be a known one while another process still writes for it.
        """CREATE TRIGGER listing_of_merged AFTER INSERT ON listing
            WHEN (SELECT merged_into FROM account WHERE id = NEW.account_id) IS NOT NULL
        BEGIN
            INSERT OR IGNORE INTO listing (account_id, batch_id)
                SELECT merged_into, NEW.batch_id FROM account WHERE id = NEW.account_id;
            DELETE FROM listing WHERE account_id = NEW.account_id AND batch_id = NEW.batch_id;
        END""",
        """CREATE TRIGGER launch_of_merged AFTER INSERT ON launch
            WHEN (SELECT merged_into FROM account WHERE id = NEW.account_id) IS NOT NULL
        BEGIN
            UPDATE launch SET account_id = (SELECT merged_into FROM account WHERE id = NEW.account_id)
                WHERE id = NEW.id;
        END""",
        # What many lines have in common is kept once, with its sums.
        """CREATE TABLE result_kind (
            id INTEGER PRIMARY KEY,
            file INTEGER NOT NULL REFERENCES result_file (id) ON DELETE CASCADE,
            outcome TEXT NOT NULL,
            stop_reason TEXT NOT NULL,
            model TEXT NOT NULL,
            error_type TEXT NOT NULL,
            error_message TEXT NOT NULL,
            problem INTEGER NOT NULL,
            lines INTEGER NOT NULL DEFAULT 0,
            input_tokens INTEGER NOT NULL DEFAULT 0,
            output_tokens INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX result_kind_file ON result_kind (file)",
        """CREATE TABLE result_line (
            file INTEGER NOT NULL,
            line INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            custom_id TEXT NOT NULL,
            input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            cache_write_5m INTEGER NOT NULL,
            cache_write_1h INTEGER NOT NULL,
            cache_read INTEGER NOT NULL,
            first_words TEXT NOT NULL,
            PRIMARY KEY (file, line)
        ) WITHOUT ROWID""",
    ),
    (
        # What follows can be made again from the results files, and is: only its shape is new.
        "DROP TABLE result_line",
        "DROP TABLE result_kind",
        "DELETE FROM result_file",
        # What many lines have in common is kept once, with sums of what is billed apart.
        """CREATE TABLE result_kind (
            id INTEGER PRIMARY KEY,
            file INTEGER NOT NULL REFERENCES result_file (id) ON DELETE CASCADE,
            outcome TEXT NOT NULL,
            stop_reason TEXT NOT NULL,
            model TEXT NOT NULL,
            error_type TEXT NOT NULL,
            error_message TEXT NOT NULL,
            problem INTEGER NOT NULL,
            geo TEXT NOT NULL DEFAULT '',
            long INTEGER NOT NULL DEFAULT 0,
            lines INTEGER NOT NULL DEFAULT 0,
            input_tokens INTEGER NOT NULL DEFAULT 0,
            output_tokens INTEGER NOT NULL DEFAULT 0,
            cache_write_5m INTEGER NOT NULL DEFAULT 0,
            cache_write_1h INTEGER NOT NULL DEFAULT 0,
            cache_read INTEGER NOT NULL DEFAULT 0,
            searches INTEGER NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX result_kind_file ON result_kind (file)",
        """CREATE TABLE result_line (
            file INTEGER NOT NULL,
            line INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            custom_id TEXT NOT NULL,
            input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL,
            cache_write_5m INTEGER NOT NULL,
            cache_write_1h INTEGER NOT NULL,
            cache_read INTEGER NOT NULL,
            searches INTEGER NOT NULL,
            first_words TEXT NOT NULL,
            PRIMARY KEY (file, line)
        ) WITHOUT ROWID""",
        # The answers read as data: for each line a JSON object of column number → value.
        """CREATE TABLE result_data (
            file INTEGER NOT NULL,
            line INTEGER NOT NULL,
            how TEXT NOT NULL,
            cells TEXT NOT NULL,
            PRIMARY KEY (file, line)
        )""",
        """CREATE TABLE result_column (
            file INTEGER NOT NULL,
            path TEXT NOT NULL,
            place INTEGER NOT NULL,
            cells INTEGER NOT NULL,
            numbers INTEGER NOT NULL,
            PRIMARY KEY (file, path)
        ) WITHOUT ROWID""",
        # Where each request of a draft or of a user's file is; made again when the file changes.
        """CREATE TABLE request_file (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            requests INTEGER NOT NULL
        )""",
        """CREATE TABLE request_line (
            file INTEGER NOT NULL,
            custom_id TEXT NOT NULL,
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            PRIMARY KEY (file, custom_id)
        ) WITHOUT ROWID""",
        # The user's own word, never thrown away: these are the requests of that batch.
        """CREATE TABLE attachment (
            batch_id TEXT PRIMARY KEY,
            path TEXT NOT NULL,
            attached_at INTEGER NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        # What somebody set out to do with a source: each launch is a part of it, or tries a part again.
        "ALTER TABLE launch ADD COLUMN run_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE launch ADD COLUMN part INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE launch ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1",
        "UPDATE launch SET run_id = id",
        "CREATE INDEX launch_run ON launch (run_id)",
        """CREATE TABLE run (
            id TEXT PRIMARY KEY,
            created_at INTEGER NOT NULL,
            going INTEGER NOT NULL DEFAULT 0,
            sha256 TEXT NOT NULL DEFAULT '',
            recipe TEXT NOT NULL DEFAULT '',
            betas TEXT NOT NULL DEFAULT '',
            kind TEXT NOT NULL DEFAULT '',
            loads TEXT NOT NULL DEFAULT '[]',
            problem TEXT NOT NULL DEFAULT '',
            estimate TEXT NOT NULL DEFAULT ''
        ) WITHOUT ROWID""",
        "INSERT INTO run (id, created_at, sha256) SELECT id, created_at, sha256 FROM launch",
        "CREATE INDEX run_content ON run (sha256)",
        "CREATE INDEX run_recipe ON run (recipe) WHERE recipe != ''",
        # Of a run that was tried again: lines of which another file has a better one, with their kind.
        """CREATE TABLE superseded (
            file INTEGER NOT NULL,
            line INTEGER NOT NULL,
            better INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            PRIMARY KEY (file, line, better)
        ) WITHOUT ROWID""",
        # From which results files that was reckoned.
        "CREATE TABLE superseding (run_id TEXT PRIMARY KEY, files TEXT NOT NULL) WITHOUT ROWID",
    ),
    (
        # A file is believed to have the requests of a batch only while it is what was attached.
        "ALTER TABLE attachment ADD COLUMN sha256 TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE request_file ADD COLUMN sha256 TEXT NOT NULL DEFAULT ''",
    ),
]
