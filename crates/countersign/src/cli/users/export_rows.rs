//! Users as lines of a file, in both formats.

use std::io::{self, Write};

use countersign_domain::password::PasswordHash;
use countersign_domain::user::User;
use serde_json::{Map, Value, json};

use super::import::Field;

/// Writes users as lines.
pub(super) trait RowWriter: Send {
    /// One user.
    fn write(&mut self, user: &User, hash: Option<&PasswordHash>) -> io::Result<()>;
    /// What is still held back.
    fn finish(&mut self) -> io::Result<()>;
}

/// JSON Lines.
pub(super) fn jsonl_rows(target: impl Write + Send + 'static) -> Box<dyn RowWriter> {
    Box::new(JsonlWriter(target))
}

/// CSV; its header is written at once.
pub(super) fn csv_rows(
    target: impl Write + Send + 'static,
    with_hashes: bool,
) -> io::Result<Box<dyn RowWriter>> {
    let is_column = |field: &Field| with_hashes || *field != Field::PasswordHash;
    let columns: Vec<Field> = Field::ALL.into_iter().filter(is_column).collect();
    let mut writer = csv::Writer::from_writer(target);
    writer
        .write_record(columns.iter().map(|field| field.name()))
        .map_err(as_io)?;
    Ok(Box::new(CsvWriter { writer, columns }))
}

struct JsonlWriter<W>(W);

struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
    columns: Vec<Field>,
}

impl<W: Write + Send> RowWriter for JsonlWriter<W> {
    fn write(&mut self, user: &User, hash: Option<&PasswordHash>) -> io::Result<()> {
        let members: Map<String, Value> = Field::ALL
            .into_iter()
            .filter_map(|field| Some((field.name().to_owned(), value(field, user, hash)?)))
            .collect();
        serde_json::to_writer(&mut self.0, &members)?;
        self.0.write_all(b"\n")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write + Send> RowWriter for CsvWriter<W> {
    fn write(&mut self, user: &User, hash: Option<&PasswordHash>) -> io::Result<()> {
        let cells = self
            .columns
            .iter()
            .map(|field| match value(*field, user, hash) {
                None => String::new(),
                Some(Value::String(text)) => text,
                Some(Value::Array(names)) => names
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
                Some(other) => other.to_string(),
            });
        self.writer.write_record(cells).map_err(as_io)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The error of the target itself, where it is one: whether the reader went away is told by its kind.
fn as_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// The value of a field; none where the user has none.
fn value(field: Field, user: &User, hash: Option<&PasswordHash>) -> Option<Value> {
    Some(match field {
        Field::Id => json!(user.id),
        Field::Username => json!(user.username.as_ref()?),
        Field::Email => json!(user.email.as_ref()?.as_str()),
        Field::EmailVerified => json!(user.email_verified),
        Field::DisplayName => json!(user.display_name.as_ref()?),
        Field::PasswordHash => json!(hash?.expose()),
        Field::State => json!(user.state),
        Field::Roles => json!(user.roles),
        Field::Scopes => {
            json!(
                user.scopes
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            )
        }
        Field::CreatedAt => json!(user.created_at),
    })
}
