//! What the tables are called.
//!
//! A name becomes part of statements: only letters that need no thought are allowed, and the names are quoted all the same.

use super::error::PostgresStoreError;

/// The names of the tables, quoted, with their schema if there is one.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    schema: Option<String>,
    prefix: String,
}

impl Tables {
    pub(super) fn new(schema: Option<&str>, prefix: &str) -> Result<Self, PostgresStoreError> {
        if let Some(name) = schema {
            check("schema", name, LONGEST_NAME)?;
        }
        check("table_prefix", prefix, LONGEST_PREFIX)?;
        Ok(Self { schema: schema.map(str::to_owned), prefix: prefix.to_owned() })
    }

    pub(super) fn sessions(&self) -> String {
        self.name("data")
    }

    pub(super) fn markers(&self) -> String {
        self.name("markers")
    }

    pub(super) fn remembered(&self) -> String {
        self.name("remembered")
    }

    pub(super) fn locks(&self) -> String {
        self.name("locks")
    }

    /// Where the version of the tables is kept.
    pub(super) fn version(&self) -> String {
        self.name("version")
    }

    /// Puts the names into the text of a migration: `{prefix}_x` is a table, `{index}_x` is an index, which lies in the
    /// schema of its table.
    pub(super) fn fill_in(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() * 2);
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            filled.push_str(before);
            let (is_table, after) = match from.strip_prefix("{prefix}_") {
                Some(after) => (true, after),
                None => (false, from.strip_prefix("{index}_").unwrap_or(from)),
            };
            let end = after.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            let (suffix, after) = after.split_at(end.unwrap_or(after.len()));
            if is_table {
                filled.push_str(&self.name(suffix));
            } else {
                filled.push_str(&self.unqualified(suffix));
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    pub(super) fn name(&self, suffix: &str) -> String {
        let table = self.unqualified(suffix);
        match &self.schema {
            Some(schema) => format!("\"{schema}\".{table}"),
            None => table,
        }
    }

    fn unqualified(&self, suffix: &str) -> String {
        format!("\"{}_{suffix}\"", self.prefix)
    }
}

fn check(setting: &'static str, name: &str, longest: usize) -> Result<(), PostgresStoreError> {
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let rest = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if begins && rest && name.len() <= longest {
        Ok(())
    } else {
        Err(PostgresStoreError::Name { setting, longest })
    }
}

/// `NAMEDATALEN` less the zero at the end.
const LONGEST_NAME: usize = 63;
/// Leaves room for the longest of the suffixes.
const LONGEST_PREFIX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_need_thought_are_refused() {
        let long = "a".repeat(41);
        for prefix in ["", "1a", "Aa", "a-b", "a b", "a\"b", "a;b", "ä", "a.b", "a{b", &long] {
            let error = Tables::new(None, prefix).unwrap_err();
            assert_eq!(error, PostgresStoreError::Name { setting: "table_prefix", longest: 40 });
        }
        for schema in ["", "Public", "a.b", &"a".repeat(64)] {
            let error = Tables::new(Some(schema), "p").unwrap_err();
            assert_eq!(error, PostgresStoreError::Name { setting: "schema", longest: 63 });
        }
        assert!(Tables::new(Some(&"a".repeat(63)), &"b".repeat(40)).is_ok());
    }

    #[test]
    fn names_are_quoted_and_in_their_schema() {
        let tables = Tables::new(Some("user"), "p1").unwrap();
        assert_eq!(tables.sessions(), "\"user\".\"p1_data\"");
        assert_eq!(
            tables.fill_in("CREATE INDEX {index}_a_b ON {prefix}_data (x)"),
            "CREATE INDEX \"p1_a_b\" ON \"user\".\"p1_data\" (x)"
        );
        assert_eq!(Tables::new(None, "p").unwrap().locks(), "\"p_locks\"");
    }

    #[test]
    fn the_longest_index_name_has_room() {
        let tables = Tables::new(None, &"a".repeat(40)).unwrap();
        let text = tables.fill_in(super::super::schema::MIGRATIONS[0]);
        for name in text.split('"').skip(1).step_by(2) {
            assert!(name.len() <= LONGEST_NAME, "{name}");
        }
    }
}
