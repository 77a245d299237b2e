//! Texts in Markdown: what a viewer would make of them stays text.

use pci_fixtures::hostile::{TEXTS, markup};
use pci_render::{code_span, markdown, prose};

#[test]
fn no_text_becomes_markup_at_the_start_of_a_line_within_one_or_as_code() {
    let none: [String; 0] = [];
    for text in TEXTS {
        // The reader gives names without backticks, requests give any.
        for text in [text.to_owned(), text.replace('`', "'")] {
            let prose_of_ours = prose(&format!("the name `{}` of {text} is", text.replace('`', "'")));
            for shown in [markdown(&text), prose(&text), prose_of_ours, code_span(&text)] {
                assert_eq!(markup(&shown), none, "{text}: {shown}");
                assert_eq!(markup(&format!("a {shown}, **{shown}**")), none, "{text}: {shown}");
                assert_eq!(markup(&format!("| a | b |\n|---|---|\n| {shown} | x |\n")), none, "{text}: {shown}");
                assert!(!shown.contains('\n'), "{shown}");
            }
        }
    }
}

#[test]
fn words_that_viewers_make_links_of_are_code_and_others_stay_as_they_are() {
    let cases = [
        ("see https://wiki.example/page, please", "see `https://wiki.example/page,` please"),
        ("Jo <jo@shop.example>", "Jo &lt;`jo@shop.example`&gt;"),
        ("WWW.shop.example", "`WWW.shop.example`"),
        ("flowise@2.2.7", "`flowise@2.2.7`"),
        ("api.shop.example:443", "api.shop.example:443"),
        ("a | b", "a \\| b"),
    ];
    for (text, shown) in cases {
        assert_eq!(markdown(text), shown);
        assert_eq!(prose(text).replace('>', "&gt;"), shown);
    }
    assert_eq!(prose("`https://wiki.example` is [x]"), "`https://wiki.example` is \\[x\\]");
}

#[test]
fn a_fence_is_longer_than_any_run_of_backticks_in_it() {
    assert_eq!(code_span("a"), "`a`");
    assert_eq!(code_span("a``b"), "```a``b```");
    assert_eq!(code_span("`a"), "`` `a ``");
}
