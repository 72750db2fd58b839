//! Identifiers of the book in hand, as a push and a pull name them [I1].

use std::borrow::Cow;

use salvo::Request;
use serde_json::value::RawValue;

use super::error::ApiError;
use super::json::Fields;
use crate::model::{Document, IDENTIFIERS_MAX, Identifier, Identifiers, ValidationError};

/// The field of a push.
const FIELD: &str = "identifiers";
/// The parameter of a pull.
const PARAMETER: &str = "ids";

/// Returns the identifiers of a push, if it names any.
///
/// # Errors
/// [`ApiError::Invalid`] if they are not valid, or `document` is not among them.
pub(super) fn of_push(fields: &Fields<'_>, document: &Document) -> Result<Option<Identifiers>, ApiError> {
    let Some(list) = fields.raw(FIELD) else { return Ok(None) };
    checked(parse_list(list), document).map(Some)
}

/// Returns the identifiers of a pull, if it names any. `document` is that of the path, if it is valid.
///
/// # Errors
/// [`ApiError::Invalid`] if they are not valid, or `document` is not among them.
pub(super) fn of_pull(req: &Request, document: Option<&Document>) -> Result<Option<Identifiers>, ApiError> {
    // Most pulls have no query.
    let Some(query) = req.uri().query() else { return Ok(None) };
    let values: Vec<Cow<'_, str>> = form_urlencoded::parse(query.as_bytes())
        .filter_map(|(name, value)| (name == PARAMETER).then_some(value))
        .collect();
    let list = match values.as_slice() {
        [] => return Ok(None),
        [list] => list.parse(),
        _ => Err(ValidationError::List { field: PARAMETER, what: "more than one value" }),
    };
    // No list names a document with an invalid id.
    let document = document.ok_or(ApiError::Invalid(None))?;
    checked(list, document).map(Some).map_err(|error| match error {
        ApiError::Invalid(Some(ValidationError::List { what, .. })) => {
            ApiError::Invalid(Some(ValidationError::List { field: PARAMETER, what }))
        }
        other => other,
    })
}

fn checked(list: Result<Identifiers, ValidationError>, document: &Document) -> Result<Identifiers, ApiError> {
    let named = list.and_then(|list| list.check_names(document).map(|()| list));
    named.map_err(|invalid| ApiError::Invalid(Some(invalid)))
}

/// Parses an array of objects with `type` and `value`.
fn parse_list(list: &str) -> Result<Identifiers, ValidationError> {
    let refused = |what| ValidationError::List { field: FIELD, what };
    let entries: Vec<&RawValue> = serde_json::from_str(list).map_err(|_| refused("another type than an array"))?;
    if entries.len() > IDENTIFIERS_MAX {
        return Err(refused("more than 8 entries"));
    }
    let entry = |entry: &&RawValue| {
        let fields = Fields::parse(entry.get()).ok();
        let pair = fields.and_then(|fields| fields.string("type").zip(fields.string("value")));
        let (label, value) = pair.ok_or(refused("an entry without the strings 'type' and 'value'"))?;
        Identifier::new(&label, &value)
    };
    Identifiers::new(entries.iter().map(entry).collect::<Result<_, _>>()?)
}
