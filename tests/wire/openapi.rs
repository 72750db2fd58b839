//! `openapi.json` tells the truth about the routes below `/api/v1`, and all of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api_v1::{as_ada, described, description, got, of, pushed};
use crate::common::{Reply, Site};

/// The source that has the routes.
const ROUTES: &str = include_str!("../../src/http/api/v1.rs");

/// Checks a value against a schema of the description. It knows what the description uses, and panics at anything else, so that
/// nothing in there is passed over.
fn conforms(root: &Value, schema: &Value, value: &Value, at: &str) {
    let fields = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema: {schema}"));
    for (keyword, told) in fields {
        match keyword.as_str() {
            "$ref" => {
                let pointer = told.as_str().unwrap().strip_prefix('#').expect("a place in this file");
                let target = root.pointer(pointer).unwrap_or_else(|| panic!("{at}: {told} is nowhere"));
                conforms(root, target, value, at);
            }
            "type" => {
                let one = std::slice::from_ref(told);
                let types = told.as_array().map_or(one, Vec::as_slice);
                assert!(types.iter().any(|name| is_a(value, name.as_str().unwrap())), "{at}: {value} is no {told}");
            }
            "const" => assert_eq!(value, told, "{at}"),
            "minimum" => {
                let (value, least) = (value.as_f64().unwrap(), told.as_f64().unwrap());
                assert!(value >= least, "{at}: {value} is below {least}");
            }
            "required" => {
                for name in told.as_array().unwrap() {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{at}: {name} is missing in {value}");
                }
            }
            "properties" => {
                for (name, schema) in told.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        conforms(root, schema, value, &format!("{at}.{name}"));
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(*told, json!(false), "{at}: that is not looked at here");
                let known = &fields["properties"];
                for name in value.as_object().unwrap().keys() {
                    assert!(known.get(name).is_some(), "{at}: {name} is not described");
                }
            }
            "items" => {
                for (place, value) in value.as_array().unwrap().iter().enumerate() {
                    conforms(root, told, value, &format!("{at}[{place}]"));
                }
            }
            "description" | "format" | "maxLength" | "default" | "maximum" => {}
            other => panic!("{at}: a keyword that is not looked at here: {other}"),
        }
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        other => panic!("a type that is not looked at here: {other}"),
    }
}

/// A checker that takes everything would prove nothing.
#[test]
fn the_checker_of_schemas_sees_what_is_wrong() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["list"],
        "properties": {
            "list": { "type": "array", "items": { "$ref": "#/count" } },
            "text": { "type": ["string", "null"], "maxLength": 3 },
            "yes": { "const": true },
        },
    });
    let root = json!({ "count": { "type": "integer", "minimum": 1 } });
    let check = |schema: &Value, value: Value| {
        std::panic::catch_unwind(|| conforms(&root, schema, &value, "value")).map_err(|_| value.to_string())
    };
    for good in
        [json!({ "list": [] }), json!({ "list": [1, 2], "text": null, "yes": true }), json!({ "list": [], "text": "" })]
    {
        assert_eq!(check(&schema, good), Ok(()));
    }
    for bad in [
        json!([]),
        json!({}),
        json!({ "list": {} }),
        json!({ "list": [1, 0] }),
        json!({ "list": [1.5] }),
        json!({ "list": [], "text": 1 }),
        json!({ "list": [], "yes": false }),
        json!({ "list": [], "more": 1 }),
    ] {
        assert!(check(&schema, bad.clone()).is_err(), "{bad} was taken");
    }
    for unknown in [json!({ "pattern": "x" }), json!({ "type": "date" }), json!({ "$ref": "#/nowhere" }), json!(true)] {
        assert!(check(&unknown, json!(1)).is_err(), "{unknown} was taken");
    }
}

/// Each operation of the description: path, method and what is said of it.
fn operations(description: &Value) -> Vec<(&str, String, &Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
            methods.map(move |(method, operation)| (path.as_str(), method.to_uppercase(), operation))
        })
        .collect()
}

/// What is asked of an operation, and with which status it is to be answered.
struct Case {
    operation: &'static str,
    status: u64,
    /// What stands behind the operation's path.
    query: &'static str,
    document: &'static str,
    body: Option<Value>,
}

/// Each status of each operation that a request by itself brings about. The order matters: what is deleted is deleted last.
fn cases(older: &Value) -> Vec<Case> {
    let case = |operation, status, query, document, body| Case { operation, status, query, document, body };
    let get = |operation, status, document| case(operation, status, "", document, None);
    let rename = |status, document, name| case("renameDocument", status, "", document, Some(json!({ "name": name })));
    let put_back =
        |status, document, sequence| case("putBack", status, "", document, Some(json!({ "sequence": sequence })));
    vec![
        get("listDocuments", 200, ""),
        case("listDocuments", 200, "?search=emma&limit=1&offset=0", "", None),
        case("listDocuments", 400, "?limit=0", "", None),
        case("listDocuments", 400, "?offset=x", "", None),
        get("getDocument", 200, "book"),
        get("getDocument", 200, "bare"),
        get("getDocument", 404, "nothing"),
        rename(200, "book", json!("a name")),
        rename(400, "book", json!([])),
        rename(403, "book", json!("x".repeat(1025))),
        rename(403, "book", json!("a\nb")),
        rename(404, "nothing", json!("a name")),
        get("getDocument", 200, "book"),
        get("listDocuments", 200, ""),
        rename(200, "book", json!(null)),
        get("getHistory", 200, "book"),
        get("getHistory", 200, "bare"),
        get("getHistory", 404, "nothing"),
        put_back(200, "book", older.clone()),
        put_back(400, "book", json!("x")),
        put_back(404, "book", json!(999_999)),
        put_back(404, "nothing", older.clone()),
        get("getHistory", 200, "book"),
        get("listDevices", 200, ""),
        get("getStatistics", 200, ""),
        get("getDescription", 200, ""),
        get("deleteDocument", 200, "book"),
        get("deleteDocument", 404, "book"),
    ]
}

#[test]
fn the_description_holds_against_the_routes() {
    let site = Site::with_ada();
    let description = description();
    assert_eq!(got(&site, "/api/v1/openapi.json"), description, "whoever asks gets this very description");

    // The routes are those of the source, with the methods that the server says there are.
    let described: BTreeSet<&str> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routes = ROUTES.split("\"api/v1/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let routes: BTreeSet<String> = routes.map(|path| format!("/api/v1/{path}")).collect();
    assert_eq!(described.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>(), routes);
    let operations = operations(&description);
    for path in described {
        let reply = as_ada(&site, "TRACE", &path.replace("{document}", "book"), None);
        assert_eq!(reply.status, 405, "{path}");
        let of_path = operations.iter().filter(|operation| operation.0 == path);
        let mut methods: BTreeSet<&str> = of_path.map(|operation| operation.1.as_str()).collect();
        if methods.contains("GET") {
            methods.insert("HEAD");
        }
        let allowed: BTreeSet<&str> = reply.header("allow").unwrap().split(", ").collect();
        assert_eq!(methods, allowed, "{path}");
    }

    // Each answer has the form that is described for its status, and each status that is described comes.
    described_answers(&site, &description, &operations);
}

fn described_answers(site: &Site, description: &Value, operations: &[(&str, String, &Value)]) {
    described(site, "book", json!({ "filename": "emma.epub", "title": "Emma", "authors": "Jane Austen" }));
    pushed(site, "book", "q", 0.6, ("Kobo", None));
    pushed(site, "bare", "p", 1.0, ("phone", None));
    let history = got(site, &of("book", "/history"));
    let mut seen = BTreeSet::new();
    let mut check = |operation: &Value, reply: Reply| {
        let id = operation["operationId"].as_str().unwrap();
        let response = &operation["responses"][reply.status.to_string()];
        assert!(response.is_object(), "{id}: {} is not described", reply.status);
        let schema = &response["content"]["application/json"]["schema"];
        conforms(description, schema, &reply.clone().shaped().json(), &format!("{id} {}", reply.status));
        seen.insert((id.to_owned(), reply.status.to_string()));
    };
    for Case { operation, status, query, document, body } in cases(&history["history"][1]["sequence"]) {
        let known = operations.iter().find(|(_, _, known)| known["operationId"] == operation);
        let (path, method, operation) = known.unwrap_or_else(|| panic!("{operation} is not described"));
        let path = path.replace("{document}", document) + query;
        let reply = as_ada(site, method, &path, body.clone());
        assert_eq!(u64::from(reply.status), status, "{method} {path} {body:?}: {reply:?}");
        // A request that is done is one as it is described.
        if status == 200 {
            let schema = operation["requestBody"]["content"]["application/json"].get("schema");
            assert_eq!(body.is_some(), schema.is_some(), "{method} {path}");
            if let Some((schema, body)) = schema.zip(body) {
                conforms(description, schema, &body, &path);
            }
        }
        check(operation, reply);
    }
    for (path, method, operation) in operations {
        let path = path.replace("{document}", "bare");
        if operation["security"] == json!([]) {
            assert_eq!(site.send(method, &path, &[], None).status, 200, "{path} is for everybody");
            continue;
        }
        check(operation, site.send(method, &path, &[], Some("{}")));
        // However fast failures are forgiven, those that follow each other at once are too many at last.
        for guess in 0.. {
            assert!(guess < 1000, "guessing goes on for ever");
            let reply = site.send_as("ada", "wrong", method, &path, Some("{}"));
            let status = reply.status;
            if status == 429 {
                assert!(reply.header("retry-after").is_some(), "{reply:?}");
            }
            check(operation, reply);
            if status == 429 {
                break;
            }
        }
    }
    let promised: BTreeSet<_> = operations
        .iter()
        .flat_map(|(_, _, operation)| {
            let id = operation["operationId"].as_str().unwrap();
            operation["responses"].as_object().unwrap().keys().map(move |status| (id.to_owned(), status.clone()))
        })
        .collect();
    assert_eq!(seen, promised);
}
