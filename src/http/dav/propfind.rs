//! `PROPFIND`: lists a folder [W2].

use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_TYPE, HeaderValue};
use salvo::{Request, Response};

use super::Call;
use super::error::DavError;
use super::headers::{Depth, depth};
use super::multistatus::{Asked, DAV_NAMESPACE, Multistatus, Property};
use crate::http::answer::{Parts, streamed, whole};
use crate::http::body;
use crate::model::{FileInfo, FilePath};

/// Properties of a request that are not ours. Each entry of the answer repeats them.
const MAX_UNKNOWN: usize = 32;
/// Bytes of their names and namespaces.
const MAX_UNKNOWN_BYTES: usize = 2048;
/// Elements of a body, and how deep they may lie in each other.
const MAX_ELEMENTS: usize = 200;
const MAX_NESTING: usize = 16;

impl Call<'_> {
    /// Answers 207 with the properties of a file, or of a folder and with `Depth: 1` of what is in it.
    ///
    /// # Errors
    /// 404 without a body if there is nothing, or the file is withheld; 403 for `Depth: infinity`; 400 for a body that is not a
    /// request for properties.
    pub(super) async fn propfind(&self, req: &mut Request, res: &mut Response) -> Result<(), DavError> {
        let depth = depth(req.headers())?.unwrap_or(Depth::One);
        if depth == Depth::Infinity {
            return Err(DavError::InfiniteDepth);
        }
        let asked = parse(&body::read(req, self.state.client_timeout).await?).map_err(DavError::BadBody)?;
        let entries = self.entries(depth).await?;
        let store = &self.state.store;
        let quota = store.file_quota();
        let used = store.file_usage(self.user.id)?.bytes;
        let multistatus = Multistatus {
            location: self.location.clone(),
            asked,
            used,
            available: quota.max_bytes.saturating_sub(used),
        };
        res.status_code(StatusCode::MULTI_STATUS);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml; charset=utf-8"));
        let mut listing = Listing { multistatus, entries: entries.into_iter(), is_begun: false, is_ended: false };
        let mut first = listing.part();
        if listing.is_ended {
            res.body(whole(std::mem::take(&mut first), None));
        } else {
            let slot = self.state.scan_limiter.answer(self.user.id)?;
            res.body(streamed(vec![first], listing, slot));
        }
        Ok(())
    }

    /// Returns what was asked about, and with depth 1 what is in that folder. Withheld files are left out [W5].
    async fn entries(&self, depth: Depth) -> Result<Vec<(Option<FilePath>, Option<FileInfo>)>, DavError> {
        let (store, user, limiter) = (&self.state.store, self.user.id, &self.state.scan_limiter);
        let target = &self.target.path;
        let found = match target {
            Some(path) => Some(self.visible(path)?.ok_or(DavError::NotFound)?),
            None => None,
        };
        let is_folder = found.as_ref().is_none_or(|found| found.is_folder);
        let mut entries = vec![(target.clone(), found)];
        if is_folder && depth == Depth::One {
            let files = limiter.slice(user, || store.files(user)).await?;
            let children = files.into_iter().filter(|(path, info)| path.parent() == *target && !info.is_withheld);
            entries.extend(children.map(|(path, info)| (Some(path), Some(info))));
        }
        Ok(entries)
    }
}

/// Bytes of a part of an answer, after which the client takes it.
const PART_LEN: usize = 64 << 10;

struct Listing {
    multistatus: Multistatus,
    entries: std::vec::IntoIter<(Option<FilePath>, Option<FileInfo>)>,
    is_begun: bool,
    is_ended: bool,
}

impl Listing {
    fn part(&mut self) -> Vec<u8> {
        let mut part = String::new();
        if !self.is_begun {
            self.is_begun = true;
            part.push_str(Multistatus::START);
        }
        while part.len() < PART_LEN {
            match self.entries.next() {
                Some((path, info)) => self.multistatus.push(&mut part, path.as_ref(), info.as_ref()),
                None => {
                    part.push_str(Multistatus::END);
                    self.is_ended = true;
                    break;
                }
            }
        }
        part.into_bytes()
    }
}

impl Parts for Listing {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, crate::error::Error> {
        Ok(if self.is_ended { None } else { Some(self.part()) })
    }
}

/// Parses a body. An empty one asks for everything.
///
/// Nothing in it is expanded: a document type, and with it an entity of its own, is refused.
///
/// # Errors
/// What is wrong, as a sentence.
pub(super) fn parse(body: &[u8]) -> Result<Asked, &'static str> {
    const NO_PROPFIND: &str = "The body is not a `propfind` element in the namespace `DAV:`.";
    const INVALID: &str = "The body is not valid XML.";
    if body.trim_ascii().is_empty() {
        return Ok(Asked::All);
    }
    let text = std::str::from_utf8(body).map_err(|_| "The body is not UTF-8.")?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let (mut nesting, mut elements, mut has_root) = (0_usize, 0, false);
    let (mut asked, mut properties, mut unknown) = (None, Vec::new(), 0_usize);
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| INVALID)?;
        match event {
            Event::Start(start) => {
                (nesting, elements) = (nesting + 1, elements + 1);
                if nesting > MAX_NESTING || elements > MAX_ELEMENTS {
                    return Err("The body has too many elements.");
                }
                for attribute in start.attributes() {
                    attribute.map_err(|_| INVALID)?;
                }
                let namespace = match namespace {
                    ResolveResult::Bound(bound) => unescape(bound.as_ref()).map_err(|_| INVALID)?.into_owned(),
                    ResolveResult::Unbound => String::new(),
                    ResolveResult::Unknown(_) => return Err("The body has a prefix without a namespace."),
                };
                // `xmlns:x=""` takes a prefix's namespace away, which XML 1.0 does not know.
                if namespace.is_empty() && start.name().prefix().is_some() {
                    return Err("The body has a prefix without a namespace.");
                }
                let local = start.local_name();
                let local = local.as_ref();
                match nesting {
                    1 if has_root || local != "propfind" || namespace != DAV_NAMESPACE => return Err(NO_PROPFIND),
                    1 => has_root = true,
                    2 if namespace == DAV_NAMESPACE => match local {
                        "allprop" => asked = asked.or(Some(Asked::All)),
                        "propname" => asked = asked.or(Some(Asked::Names)),
                        "prop" => asked = asked.or(Some(Asked::These(Vec::new()))),
                        _ => {}
                    },
                    3 if matches!(asked, Some(Asked::These(_))) => {
                        let property = Property::new(&namespace, local).ok_or(INVALID)?;
                        if let Property::Unknown { namespace, name } = &property {
                            unknown += namespace.len() + name.len();
                            let count =
                                properties.iter().filter(|known| matches!(known, Property::Unknown { .. })).count();
                            if count >= MAX_UNKNOWN || unknown > MAX_UNKNOWN_BYTES {
                                return Err("The body asks for too many properties.");
                            }
                        }
                        if !properties.contains(&property) {
                            properties.push(property);
                        }
                    }
                    _ => {}
                }
            }
            Event::End(_) => nesting = nesting.checked_sub(1).ok_or(INVALID)?,
            Event::DocType(_) => return Err("The body has a document type, which is not allowed."),
            Event::Text(text) if nesting == 0 && !text.as_ref().trim_ascii().is_empty() => return Err(INVALID),
            Event::Eof => break,
            _ => {}
        }
    }
    if nesting > 0 || !has_root {
        return Err(INVALID);
    }
    match asked {
        Some(Asked::These(_)) => Ok(Asked::These(properties)),
        Some(other) => Ok(other),
        None => Err("The body asks for no properties: it has neither `prop` nor `allprop` nor `propname`."),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::location::Location;
    use super::*;

    fn these(names: &[&str]) -> Asked {
        Asked::These(names.iter().map(|name| Property::new(DAV_NAMESPACE, name).expect("a property")).collect())
    }

    #[test]
    fn w2_properties_are_read_with_any_prefix() {
        let koreader = br#"<?xml version="1.0"?><a:propfind xmlns:a="DAV:"><a:prop><a:resourcetype/><a:getcontentlength/><a:getlastmodified/></a:prop></a:propfind>"#;
        let expected = these(&["resourcetype", "getcontentlength", "getlastmodified"]);
        assert_eq!(parse(koreader), Ok(expected.clone()));
        let default = br#"<propfind xmlns="DAV:"><prop><resourcetype></resourcetype><getcontentlength/><getlastmodified/></prop></propfind>"#;
        assert_eq!(parse(default), Ok(expected));
        assert_eq!(parse(b" \n"), Ok(Asked::All));
        assert_eq!(parse(br#"<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>"#), Ok(Asked::All));
        assert_eq!(parse(br#"<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>"#), Ok(Asked::Names));
        let other = parse(br#"<D:propfind xmlns:D="DAV:"><D:prop><x:y xmlns:x="urn:z"/></D:prop></D:propfind>"#);
        let unknown = |namespace: &str| Property::Unknown { namespace: namespace.into(), name: "y".into() };
        assert_eq!(other, Ok(Asked::These(vec![unknown("urn:z")])));
        let escaped =
            parse(br#"<D:propfind xmlns:D="DAV:"><D:prop><y xmlns="urn:a&amp;&quot;b"/></D:prop></D:propfind>"#);
        assert_eq!(escaped, Ok(Asked::These(vec![unknown("urn:a&\"b")])));
    }

    #[test]
    fn bodies_that_are_no_requests_are_refused() {
        let many: String = (0..300).map(|number| format!("<x{number}/>")).collect();
        let long =
            format!("<D:propfind xmlns:D=\"DAV:\"><D:prop><x xmlns=\"{}\"/></D:prop></D:propfind>", "n".repeat(3000));
        let deep = format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{}", "<a>".repeat(20_000));
        for body in [
            "x",
            "<",
            "<a>",
            "<D:propfind xmlns:D=\"DAV:\"/>",
            "<D:propfind xmlns:D=\"DAV:\"><D:prop>",
            "<D:propfind xmlns:D=\"DAV:\"><D:prop></D:propfind></D:prop>",
            "<D:propfind><D:prop/></D:propfind>",
            "<propfind><prop/></propfind>",
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><E:x/></D:prop></D:propfind>",
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><E:x xmlns:E=\"\"/></D:prop></D:propfind>",
            "<D:propfind xmlns:D=\"DAV:\"><D:allprop/></D:propfind><D:propfind xmlns:D=\"DAV:\"><D:allprop/></D:propfind>",
            "<D:propfind xmlns:D=\"DAV:\"><D:allprop/></D:propfind>x",
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><x xmlns=\"&y;\"/></D:prop></D:propfind>",
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><x xmlns=\"&#1;\"/></D:prop></D:propfind>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><D:propfind xmlns:D=\"DAV:\"><D:prop>&b;</D:prop></D:propfind>",
            "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><D:propfind xmlns:D=\"DAV:\"><D:allprop/></D:propfind>",
            &format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{many}</D:prop></D:propfind>"),
            &long,
            &deep,
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{}", &body[..body.len().min(100)]);
        }
        assert!(parse(b"\xff\xfe<\0").is_err());
    }

    /// Parts of bodies, valid and not.
    fn part() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(vec![
                "<x xmlns=\"",
                "<x:y xmlns:x='",
                "\"/>",
                "'/>",
                "<D:getetag/>",
                "<D:displayname/>",
                "<D:x/>",
                "<y/>",
                "</D:prop>",
                "<D:prop>",
                "&amp;",
                "&#1;",
                "&#x10ffff;",
                "&b;",
                "]]>",
                "<![CDATA[",
                "<!--",
                "-->",
                "<?x",
                "?>",
                "xmlns:D=''",
            ])
            .prop_map(str::to_owned),
            any::<char>().prop_map(|c| format!("<{c} xmlns=\"{c}\"/>")),
            "\\PC{0,4}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// What a client asks for is repeated in the answer, if it is not refused: as XML.
        #[test]
        fn an_answer_is_xml_whatever_was_asked_for(parts in prop::collection::vec(part(), 0..6)) {
            let body = format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{}</D:prop></D:propfind>", parts.concat());
            if let Ok(asked) = parse(body.as_bytes()) {
                let location = Location::of_test("/a&<");
                let multistatus = Multistatus { location, asked, used: 0, available: 0 };
                let mut answer = Multistatus::START.to_owned();
                multistatus.push(&mut answer, None, None);
                let path = FilePath::new("<&").expect("a path");
                multistatus.push(&mut answer, Some(&path), Some(&crate::store::file_of_test(&path, 1)));
                answer.push_str(Multistatus::END);
                assert_xml(&answer);
            }
        }
    }

    /// Fails unless elements nest, names are valid, and XML 1.0 allows all characters.
    fn assert_xml(text: &str) {
        assert!(
            !text.contains(|c| matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')),
            "{text:?}"
        );
        let mut reader = NsReader::from_str(text);
        let mut elements = 0;
        loop {
            match reader.read_resolved_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
                (ResolveResult::Bound(_) | ResolveResult::Unbound, Event::Start(start) | Event::Empty(start)) => {
                    elements += 1;
                    let name = start.local_name().as_ref().to_owned();
                    assert!(
                        !name.contains(['×', '÷', ';', '\u{37e}']) && !name.starts_with(['-', '.', '\u{300}']),
                        "{name}"
                    );
                    for attribute in start.attributes() {
                        let attribute = attribute.unwrap_or_else(|error| panic!("{error}: {text}"));
                        unescape(&attribute.value).unwrap_or_else(|error| panic!("{error}: {text}"));
                    }
                }
                (ResolveResult::Unknown(_), Event::Start(_) | Event::Empty(_)) => panic!("unknown prefix: {text}"),
                (_, Event::Eof) => break,
                _ => {}
            }
        }
        assert!(elements >= 9, "{text}");
    }
}
