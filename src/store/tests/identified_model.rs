//! Identifiers and aliases [I3] to [I5], compared with a small model.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::identified::Pulled;
use super::*;

/// Labels and values.
type List = Vec<(String, String)>;

/// A change, or a look that a client takes.
#[derive(Debug, Clone)]
enum Step {
    Push(String, Option<List>),
    Pull(List),
    Delete(String),
}

/// The rules in a few lines.
#[derive(Default)]
struct Model {
    /// `progress` of each document, and the identifiers that its writer named.
    documents: BTreeMap<String, (String, Option<List>)>,
    aliases: BTreeMap<String, String>,
}

impl Model {
    fn means(&self, value: &str) -> Option<String> {
        let target = self.aliases.get(value).filter(|target| self.documents.contains_key(*target));
        if self.documents.contains_key(value) { Some(value.to_owned()) } else { target.cloned() }
    }

    fn resolve(&self, list: &[(String, String)]) -> Option<(usize, String)> {
        list.iter().enumerate().find_map(|(index, (_, value))| Some((index, self.means(value)?)))
    }

    fn push(&mut self, id: &str, progress: &str, list: Option<List>) -> (String, Option<String>) {
        let Some(list) = list else {
            self.documents.insert(id.to_owned(), (progress.to_owned(), None));
            return (id.to_owned(), None);
        };
        let hit = self.resolve(&list);
        let own = list.iter().position(|(_, value)| value == id).expect("the document is named");
        let (matched, document) = hit.clone().unwrap_or((own, id.to_owned()));
        self.documents.insert(document.clone(), (progress.to_owned(), Some(list.clone())));
        for (_, value) in &list[hit.map_or(0, |(index, _)| index)..] {
            if self.means(value).is_none() {
                self.aliases.insert(value.clone(), document.clone());
            }
        }
        (document, Some(list[matched].0.clone()))
    }

    fn pull(&self, list: &[(String, String)]) -> Option<Pulled> {
        let (index, document) = self.resolve(list)?;
        let (progress, written_with) = &self.documents[&document];
        let shared = match written_with {
            None => Some(list[index].0.clone()),
            Some(others) => {
                list.iter().find(|(_, v)| others.iter().any(|(_, other)| other == v)).map(|(l, _)| l.clone())
            }
        };
        Some((document, progress.clone(), list[index].0.clone(), shared))
    }

    /// A person means a document by its aliases, too.
    fn delete(&mut self, id: &str) {
        let Some(document) = self.means(id) else { return };
        self.documents.remove(&document);
        self.aliases.retain(|_, target| *target != document);
    }
}

fn joined(list: &[(String, String)]) -> String {
    list.iter().map(|(label, value)| format!("{label}:{value}")).collect::<Vec<_>>().join(",")
}

/// Generates lists of few values, so that they meet, with the labels in any order.
fn lists() -> impl Strategy<Value = List> {
    vec("[a-f]", 1..5).prop_flat_map(|values| {
        let labels = ["w", "x", "y", "z"].map(str::to_owned).to_vec();
        (Just(values), Just(labels).prop_shuffle())
            .prop_map(|(values, labels)| labels.into_iter().zip(values).collect())
    })
}

fn steps() -> impl Strategy<Value = Step> {
    let push = (lists(), any::<prop::sample::Index>())
        .prop_map(|(list, index)| Step::Push(index.get(&list).1.clone(), Some(list)));
    prop_oneof![
        4 => push,
        1 => "[a-f]".prop_map(|id| Step::Push(id, None)),
        3 => lists().prop_map(Step::Pull),
        1 => "[a-f]".prop_map(Step::Delete),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever is pushed, pulled and deleted, in whatever order.
    #[test]
    fn i3_to_i5_resolution_and_registration_are_those_of_a_small_model(steps in vec(steps(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::new();
            let ada = fixture.user("ada").await;
            let mut model = Model::default();
            for (number, step) in steps.into_iter().enumerate() {
                let progress = number.to_string();
                match step {
                    Step::Push(id, None) => {
                        fixture.push(&ada, &id, &progress).await.expect("an outcome");
                        model.push(&id, &progress, None);
                    }
                    Step::Push(id, Some(list)) => {
                        let pushed = fixture.push_identified(&ada, &id, &progress, &joined(&list)).await;
                        let (document, matched) = model.push(&id, &progress, Some(list.clone()));
                        prop_assert_eq!(pushed, (document, matched.unwrap_or_default()), "{:?}", list);
                    }
                    Step::Pull(list) => {
                        prop_assert_eq!(fixture.pull_identified(&ada, &joined(&list)), model.pull(&list), "{:?}", list);
                    }
                    Step::Delete(id) => {
                        fixture.change_own(&ada, Change::DeleteDocument(document(&id))).await;
                        model.delete(&id);
                    }
                }
                for value in ["a", "b", "c", "d", "e", "f"] {
                    let meant = fixture.pull_identified(&ada, &format!("x:{value}")).map(|found| found.0);
                    prop_assert_eq!(meant, model.means(value), "{}", value);
                }
            }
            prop_assert_eq!(fixture.problems(), Vec::<String>::new());
            Ok(())
        })?;
    }
}
