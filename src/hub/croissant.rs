//! `croissant.json`: the dataset for catalogues, in Croissant 1.0 (JSON-LD).

use serde_json::{Map, Value, json};

use super::columns::{COLUMNS, Column, Kind};
use super::splits;
use crate::manifest::Manifest;

/// Files of this type are read as Parquet by `mlcroissant`.
const PARQUET: &str = "application/x-parquet";

/// Writes the description: each Parquet file with its SHA-256, and a record set for each split.
pub(super) fn croissant(manifest: &Manifest) -> String {
    let splits: Vec<&str> = splits(manifest).map(|(split, _)| split).collect();
    let files = splits.iter().flat_map(|split| manifest.shards(split)).map(|file| {
        json!({
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path.trim_start_matches("data/"),
            "contentUrl": file.path,
            "contentSize": format!("{} B", file.bytes),
            "encodingFormat": PARQUET,
            "sha256": file.sha256,
        })
    });
    let sets = splits.iter().map(|split| {
        json!({
            "@type": "cr:FileSet",
            "@id": set(split),
            "name": set(split),
            "encodingFormat": PARQUET,
            "includes": format!("data/{split}-*.parquet"),
        })
    });
    let records = splits.iter().map(|split| {
        json!({
            "@type": "cr:RecordSet",
            "@id": split,
            "name": split,
            "description": format!("The split `{split}`, a record for each sample."),
            "field": COLUMNS.map(|column| field(split, &column)),
        })
    });
    let card = &manifest.recipe.card;
    let described = json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": card.name,
        "description": "Calls of a voice agent as training samples: requests of users and the agent's answers.",
        "license": card.license.as_deref().unwrap_or("not chosen yet"),
        "version": format!("1.0.0+{}", manifest.content_digest),
        "rai:dataCollection": "Archived call logs of a voice agent: what a recogniser heard and what a model answered.",
        "rai:personalSensitiveInformation": "Users are pseudonyms; numbers of telephones and cards and mail addresses are masked as the recipe says; whatever else callers said of themselves stands in the text.",
        "rai:dataBiases": "Who calls this agent, and what its recogniser understands.",
        "distribution": files.chain(sets).collect::<Vec<_>>(),
        "recordSet": records.collect::<Vec<_>>(),
    });
    let mut text = serde_json::to_string_pretty(&described).unwrap_or_default();
    text.push('\n');
    text
}

/// The name of the files of a split.
fn set(split: &str) -> String {
    format!("{split}-files")
}

fn field(split: &str, column: &Column) -> Value {
    let name = column.name;
    let source = |more: Value| {
        let mut source = json!({"fileSet": {"@id": set(split)}, "extract": {"column": name}});
        merge(&mut source, more);
        source
    };
    let of = |kind: &str| json!({"dataType": data_type(kind), "source": source(json!({}))});
    let mut field = json!({
        "@type": "cr:Field",
        "@id": format!("{split}/{name}"),
        "name": name,
        "description": column.meaning,
    });
    match column.kind {
        Kind::One(kind) => merge(&mut field, of(kind)),
        Kind::Many(kind) => {
            merge(&mut field, of(kind));
            merge(&mut field, json!({"repeated": true}));
        }
        Kind::Messages => {
            let part = |part: &str| {
                json!({
                    "@type": "cr:Field",
                    "@id": format!("{split}/{name}/{part}"),
                    "name": part,
                    "dataType": data_type("string"),
                    "source": source(json!({"transform": {"jsonPath": part}})),
                })
            };
            merge(
                &mut field,
                json!({"repeated": true, "subField": [part("role"), part("content")]}),
            );
        }
    }
    field
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

/// The word of schema.org for a type of `datasets`.
fn data_type(kind: &str) -> &'static str {
    match kind {
        "string" => "sc:Text",
        "bool" => "sc:Boolean",
        "float64" => "sc:Float",
        kind if kind.starts_with("int") => "sc:Integer",
        _ => "sc:DateTime",
    }
}

/// The context of the standard, without which readers warn.
fn context() -> Value {
    let mut context = Map::new();
    for (name, meaning) in [
        ("@language", "en"),
        ("@vocab", "https://schema.org/"),
        ("cr", "http://mlcommons.org/croissant/"),
        ("dct", "http://purl.org/dc/terms/"),
        ("rai", "http://mlcommons.org/croissant/RAI/"),
        ("sc", "https://schema.org/"),
        ("conformsTo", "dct:conformsTo"),
    ] {
        context.insert(name.to_owned(), meaning.into());
    }
    for name in [
        "citeAs",
        "column",
        "equivalentProperty",
        "extract",
        "field",
        "fileObject",
        "fileProperty",
        "fileSet",
        "format",
        "includes",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "samplingRate",
        "separator",
        "source",
        "subField",
        "transform",
    ] {
        context.insert(name.to_owned(), format!("cr:{name}").into());
    }
    for (name, kind) in [("data", "@json"), ("examples", "@json"), ("dataType", "@vocab")] {
        context.insert(name.to_owned(), json!({"@id": format!("cr:{name}"), "@type": kind}));
    }
    Value::Object(context)
}
