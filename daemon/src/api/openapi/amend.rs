//! What the types and handlers cannot say for themselves.
//!
//! In: the document as it was made from them. Out: the same with what all routes have in
//! common: which refusals they answer, what names in a path look like, an id of each
//! operation, and numbers in formats that can hold them. Pure; refuses to know any one route.

use serde_json::{Map, Value, json};

/// A refusal, and when a route may answer it.
struct CommonRefusal {
    status: &'static str,
    when: fn(&RouteShape<'_>) -> bool,
    description: &'static str,
}

/// What decides which refusals a route knows.
struct RouteShape<'a> {
    path: &'a str,
    method: &'a str,
    body: bool,
    query: bool,
}

const REFUSALS: [CommonRefusal; 10] = [
    CommonRefusal {
        status: "400",
        when: |_| true,
        description: "what came is not HTTP, not JSON, or not of the right form",
    },
    CommonRefusal {
        status: "403",
        when: |route| route.path != "/v1/health",
        description: "this user may not do that there",
    },
    CommonRefusal {
        status: "404",
        when: |route| route.names_something(),
        description: "there is no such thing, or none that this user may know of",
    },
    CommonRefusal {
        status: "408",
        when: |route| route.body,
        description: "the body did not come in time",
    },
    CommonRefusal {
        status: "413",
        when: |route| route.body,
        description: "the body is longer than allowed",
    },
    CommonRefusal {
        status: "414",
        when: |_| true,
        description: "the URI is longer than allowed",
    },
    CommonRefusal {
        status: "415",
        when: |route| route.body,
        description: "another type of body was expected",
    },
    CommonRefusal {
        status: "422",
        when: |route| route.body || route.query || route.path.contains('{'),
        description: "of the right form, but not possible",
    },
    CommonRefusal {
        status: "431",
        when: |_| true,
        description: "the head of the request is longer than allowed",
    },
    CommonRefusal {
        status: "503",
        when: |_| true,
        description: "the daemon is stopping, its disk is full, or this user has as many connections as it \
                may; nothing was done, see Retry-After",
    },
];

/// The largest number of 32 bits without a sign; `int32` has one.
const U32_MAX: u64 = u32::MAX as u64;

/// Adds what all routes have in common.
pub fn amend(document: &mut Value) {
    for (path, item) in members(document.pointer_mut("/paths")) {
        for (method, operation) in members(Some(item)) {
            let shape = RouteShape::of(path, method, operation);
            name(&shape, operation);
            refuse(&shape, operation);
            parameters(operation);
        }
    }
    widen(document);
}

impl<'a> RouteShape<'a> {
    fn of(path: &'a str, method: &'a str, operation: &Value) -> Self {
        let parameters = operation["parameters"].as_array();
        let in_query = |it: &Value| it["in"] == "query";
        Self {
            path,
            method,
            body: operation.get("requestBody").is_some(),
            query: parameters.is_some_and(|all| all.iter().any(in_query)),
        }
    }

    /// Under Tencent's paths the status is 200, whatever becomes of a call.
    fn always_succeeds(&self) -> bool {
        self.path.starts_with("/v4/")
    }

    /// A device is made by the report of it; channels of the queue are named in body or query.
    fn names_something(&self) -> bool {
        let made = self.method == "put" && self.path.ends_with("/{device}");
        let named = ["{id}", "{name}", "{device}"];
        let queue = self.path.starts_with("/v1/queue") && !self.path.ends_with("/check");
        !made && (queue || named.iter().any(|name| self.path.contains(name)))
    }
}

/// Handlers are called alike in their own modules; a client's methods stand side by side.
fn name(shape: &RouteShape<'_>, operation: &mut Value) {
    let parts = shape.path.split('/').skip(2);
    let mut id = shape.method.to_owned();
    for part in parts {
        id.push('_');
        id.push_str(part.trim_matches(['{', '}']));
    }
    operation["operationId"] = id.into();
}

fn refuse(shape: &RouteShape<'_>, operation: &mut Value) {
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    // A route that has a form of its own for refusals has it for all of them.
    let own = responses.get("4XX");
    let own = own.and_then(|it| it.pointer("/content/application~1problem+json/schema"));
    let schema = own.cloned();
    let schema = schema.unwrap_or_else(|| json!({"$ref": "#/components/schemas/Problem"}));
    for refusal in REFUSALS {
        let answered = (refusal.when)(shape) && !shape.always_succeeds();
        if answered && !responses.contains_key(refusal.status) {
            let problem = json!({"schema": schema});
            let response = json!({
                "description": refusal.description,
                "content": {"application/problem+json": problem},
            });
            responses.insert(refusal.status.to_owned(), response);
        }
    }
    for (status, response) in responses {
        // Each must have one.
        if response.get("description").is_none() {
            let description = if status.starts_with('2') {
                "done"
            } else {
                "refused"
            };
            response["description"] = description.into();
        }
    }
}

/// What the names in a path look like.
fn parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters");
    let parameters = parameters.and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if parameter["in"] != "path" {
            continue;
        }
        let (schema, description) = match parameter["name"].as_str() {
            Some("id") => (
                json!({"type": "string", "format": "uuid"}),
                "Id of the notification.",
            ),
            Some("name") => (
                json!({"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
                "Name of the channel.",
            ),
            _ => (
                json!({
                    "type": "string", "minLength": 1, "maxLength": 256,
                    "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
                }),
                "At most 256 bytes of UTF-8, without control characters. Compared byte for byte: \
                 one name in two Unicode normalizations is two names.",
            ),
        };
        parameter["schema"] = schema;
        parameter["description"] = description.into();
    }
}

/// Unsigned numbers of 32 bits are more than an `int32` can hold.
fn widen(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(widen),
        Value::Object(all) => {
            all.values_mut().for_each(widen);
            if all.get("format") == Some(&"int32".into())
                && all.get("minimum").and_then(Value::as_f64) >= Some(0.0)
            {
                let maximum = all.entry("maximum").or_insert_with(|| U32_MAX.into());
                if maximum.as_f64() > Some(f64::from(i32::MAX)) {
                    all.insert("format".to_owned(), "int64".into());
                }
            }
        }
        _ => {}
    }
}

fn members(value: Option<&mut Value>) -> impl Iterator<Item = (&str, &mut Value)> {
    let object: Option<&mut Map<String, Value>> = value.and_then(Value::as_object_mut);
    object
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}
