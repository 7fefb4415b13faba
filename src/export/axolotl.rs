//! The format of axolotl: that of `OpenAI`, with the YAML that makes axolotl read `weight`.

use super::{Format, openai};

/// The axolotl chat format.
pub(super) const FORMAT: Format = Format {
    name: "axolotl",
    max_bytes: None,
    guide: Some(("datasets.yaml", guide)),
    ..openai::FORMAT
};

/// The part of a configuration that names the files.
fn guide(files: &[String]) -> String {
    let mut yaml = "# For the configuration of axolotl; paths are relative to this folder.\n".to_owned();
    for (key, split) in [("datasets", "train"), ("test_datasets", "validation")] {
        let own: Vec<_> = files.iter().filter(|file| file.starts_with(split)).collect();
        if !own.is_empty() {
            yaml.push_str(key);
            yaml.push_str(":\n");
        }
        for file in own {
            yaml.push_str("  - path: ");
            yaml.push_str(file);
            yaml.push_str("\n    ds_type: json\n");
            if key == "test_datasets" {
                yaml.push_str("    split: train\n");
            }
            yaml.push_str("    type: chat_template\n    field_messages: messages\n    message_field_training: weight\n");
        }
    }
    yaml
}
