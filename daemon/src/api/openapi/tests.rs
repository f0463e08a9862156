use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;

/// Method, path and operation of every route.
fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            all.push((format!("{method} {path}"), path.as_str(), operation));
        }
    }
    all
}

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// Two types of one name overwrite each other in the document, and nothing says so.
#[test]
fn no_two_types_have_one_name_in_the_document() {
    let mut files = Vec::new();
    for part in ["src", "wire/src"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(part);
        sources(&directory, &mut files);
    }
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source");
        // From the derive to the name of the type.
        for part in text.split("#[derive(").skip(1) {
            let Some((derived, rest)) = part.split_once(")]") else {
                continue;
            };
            if !derived.contains("ToSchema") {
                continue;
            }
            let kinds = ["pub struct ", "pub enum "].map(|kind| rest.split_once(kind));
            let kinds = kinds.into_iter().flatten();
            let (head, after) = kinds.min_by_key(|it| it.0.len()).expect("a type");
            let end = |c: char| !c.is_alphanumeric();
            let own = after.split(end).next();
            let given = head.split_once("#[schema(as = ");
            let given = given.and_then(|(_, name)| name.split(end).next());
            let name = given.or(own).expect("a name").to_owned();
            named
                .entry(name)
                .or_default()
                .push(file.display().to_string());
        }
    }
    assert!(named.len() > 50, "{named:?}");
    named.retain(|_, files| files.len() > 1);
    assert!(named.is_empty(), "{named:#?}");
}

#[test]
fn every_refusal_is_the_problem_that_is_answered() {
    let document = document();
    let mut problem = &document["components"]["schemas"]["Problem"];
    while let Some(reference) = problem["$ref"].as_str() {
        problem = document.pointer(&reference[1..]).expect("it is there");
    }
    for member in [
        "type", "title", "status", "code", "detail", "field", "hint", "line",
    ] {
        assert!(
            problem["properties"].get(member).is_some(),
            "{member}: {problem:#}"
        );
    }
    for (route, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().expect("responses");
        for (status, response) in responses {
            assert!(response["description"].is_string(), "{route} {status}");
            if status.starts_with('2') {
                continue;
            }
            let schema = &response["content"]["application/problem+json"]["schema"];
            // Tencent's members stand beside the problem's own.
            let name = match path {
                "/v1/im/messages" => "#/components/schemas/ImRefusal",
                _ => "#/components/schemas/Problem",
            };
            assert_eq!(schema["$ref"], name, "{route} {status}");
        }
        if path.starts_with("/v4/") {
            let statuses: Vec<&String> = responses.keys().collect();
            assert_eq!(statuses, ["200"], "{route}");
            continue;
        }
        let known = |status: &str| responses.contains_key(status);
        assert!(["400", "431", "503"].into_iter().all(known), "{route}");
        assert_eq!(known("403"), path != "/v1/health", "{route}");
        let body = operation.get("requestBody").is_some();
        assert_eq!(known("413") && known("415"), body, "{route}");
        assert!(!path.contains("{id}") || known("404"), "{route}");
    }
}

#[test]
fn operations_have_ids_of_their_own_and_parameters_a_place_and_a_form() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (route, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(ids.insert(id.to_owned()), "{route}: {id}");
        let parameters = operation.get("parameters");
        assert!(parameters.is_none_or(Value::is_array), "{route}");
        let parameters = parameters.and_then(Value::as_array);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let in_path = path.contains(&format!("{{{name}}}"));
            let place = if in_path { "path" } else { "query" };
            assert_eq!(parameter["in"], place, "{route} {name}");
            let schema = &parameter["schema"];
            let formed = schema.get("pattern").or_else(|| schema.get("format"));
            assert!(!in_path || formed.is_some(), "{route} {name}");
        }
    }
}

#[test]
fn numbers_have_the_ranges_that_are_kept_to() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let of = |schema: &str, property: &str| schemas[schema]["properties"][property].clone();
    for (schema, property, minimum, maximum) in [
        ("StateSpec", "lease", 1, 86_400),
        ("StateSpec", "unread", 0, 99_999),
        ("NotificationSpec", "ttl", 0, 2_419_200),
        ("QuietHoursSpec", "duration", 0, 86_400),
        ("DeviceReport", "certificate_id", 0, u64::from(u32::MAX)),
    ] {
        let number = of(schema, property);
        let bound = |name: &str| number[name].as_f64().map(|it| it as u64);
        assert_eq!(bound("minimum"), Some(minimum), "{schema} {number:#}");
        assert_eq!(bound("maximum"), Some(maximum), "{schema} {number:#}");
    }
    let id = of("DeviceReport", "certificate_id");
    assert_eq!(id["format"], "int64", "an int32 cannot hold it");
}
