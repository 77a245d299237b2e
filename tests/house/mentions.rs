//! What a source file defines, brings into scope and mentions, module by module.

use syn::{Item, Meta, UseTree, Visibility, visit::Visit};

use super::modules::{Crate, Use};

/// Puts what `file`, the file of `module`, says into `into`.
pub fn read(into: &mut Crate, module: usize, file: &syn::File) {
    Reader { into, module }.visit_file(file);
}

struct Reader<'c> {
    into: &'c mut Crate,
    module: usize,
}

impl Reader<'_> {
    fn mention(&mut self, path: Vec<String>) {
        self.into.modules[self.module].mentions.insert(path);
    }

    /// Takes the names of a `use` tree under `path`. A re-export mentions nothing: it is followed, and counts for nobody.
    fn bring(&mut self, mut path: Vec<String>, tree: &UseTree, is_re_export: bool) {
        let (last, name) = match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                return self.bring(path, &tree.tree, is_re_export);
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bring(path.clone(), tree, is_re_export));
            }
            UseTree::Name(tree) if tree.ident == "self" => (None, path.last().cloned()),
            UseTree::Name(tree) => (Some(tree.ident.to_string()), Some(tree.ident.to_string())),
            UseTree::Rename(tree) => {
                (Some(tree.ident.to_string()).filter(|name| name != "self"), Some(tree.rename.to_string()))
            }
            UseTree::Glob(_) => (None, None),
        };
        path.extend(last);
        if !is_re_export {
            self.mention(path.clone());
        }
        self.into.modules[self.module].uses.push(Use { path, name });
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Const(item) => Some(&item.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        self.into.modules[self.module].items.extend(name.map(ToString::to_string));
        syn::visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            let module = self.into.child(self.module, &item.ident.to_string());
            let outer = std::mem::replace(&mut self.module, module);
            syn::visit::visit_item_mod(self, item);
            self.module = outer;
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.bring(Vec::new(), &item.tree, !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.mention(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        syn::visit::visit_macro(self, call);
        for path in paths_in(&call.tokens.to_string(), false) {
            self.mention(path);
        }
    }

    /// Attributes name functions in strings (`deserialize_with = "super::read"`).
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let Meta::List(list) = &attribute.meta {
            for path in paths_in(&list.tokens.to_string(), true) {
                self.mention(path);
            }
        }
    }
}

/// The paths in the text of tokens, which syn does not parse, with or without those in string literals.
fn paths_in(text: &str, in_strings: bool) -> Vec<Vec<String>> {
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut paths, mut path) = (Vec::new(), Vec::<String>::new());
    let (mut rest, mut is_joined, mut is_field) = (text.trim_start(), false, false);
    while let Some(first) = rest.chars().next() {
        let word = rest.len() - rest.trim_start_matches(is_of_word).len();
        if word > 0 {
            if !is_joined {
                paths.push(std::mem::take(&mut path));
            }
            // A field or a method is looked up in its value's type, not in this module.
            if is_joined || !is_field {
                path.push(rest[..word].to_owned());
            }
            (is_joined, is_field) = (false, false);
            rest = &rest[word..];
        } else if let Some(after) = rest.strip_prefix("::") {
            is_joined = !path.is_empty();
            is_field = !is_joined;
            rest = after;
        } else {
            paths.push(std::mem::take(&mut path));
            (is_joined, is_field) = (false, first == '.');
            let literal = if first == '"' && !in_strings { string_literal(rest) } else { None };
            rest = literal.or_else(|| rest.strip_prefix("'\"'")).unwrap_or(&rest[first.len_utf8()..]);
        }
        rest = rest.trim_start();
    }
    paths.push(path);
    paths.retain(|path| !path.is_empty());
    paths
}

/// What follows the string literal that `text` starts with.
fn string_literal(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let is_end = *letter == '"' && !is_escaped;
        is_escaped = *letter == '\\' && !is_escaped;
        is_end
    });
    end.map(|(end, _)| &text[end + 1..])
}
