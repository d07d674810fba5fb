//! Fills empty stores once: GraphQL operations from a file, executed in this process by a caller
//! who may do everything.

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, PathSegment, Request};

use super::config::Seed;
use crate::error::Error;
use crate::gateway::{Graph, Session};

/// Executes the operations of the file in their order, until one fails.
///
/// # Errors
/// [`Error::Seed`] with every error of the operation that failed.
pub(super) async fn run(seed: &Seed, graph: &Graph) -> Result<(), Error> {
    // Read before anything is served, so that nothing waits for it.
    let text = std::fs::read_to_string(&seed.file)
        .map_err(|cause| Error::Seed(vec![format!("{}: {cause}", seed.file.display())]))?;
    let operations =
        operations(&text).map_err(|problem| Error::Seed(vec![format!("{}: {problem}", seed.file.display())]))?;
    let session = Session::system(seed.tenant.clone());
    for name in &operations {
        let mut request = Request::new(text.clone());
        request.operation_name.clone_from(name);
        let answer = graph.execute(session.request(request)).await;
        if answer.is_err() {
            return Err(Error::Seed(answer.errors.iter().map(|error| explained(&seed.file, error)).collect()));
        }
    }
    tracing::info!(file = %seed.file.display(), operations = operations.len(), "the empty stores have been filled");
    Ok(())
}

/// The names of the operations, in the order of the file; the only one may have none.
fn operations(text: &str) -> Result<Vec<Option<String>>, String> {
    let document = async_graphql::parser::parse_query(text).map_err(|cause| cause.to_string())?;
    let mut found: Vec<_> = document.operations.iter().collect();
    found.sort_by_key(|(_, operation)| (operation.pos.line, operation.pos.column));
    if found.iter().any(|(_, operation)| operation.node.ty == OperationType::Subscription) {
        return Err("a subscription cannot fill anything".to_owned());
    }
    Ok(found.into_iter().map(|(name, _)| name.map(ToString::to_string)).collect())
}

fn explained(file: &std::path::Path, error: &async_graphql::ServerError) -> String {
    let place = error.locations.first().map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let path: Vec<String> = error.path.iter().map(segment).collect();
    let path = if path.is_empty() { String::new() } else { format!(" ({})", path.join(".")) };
    format!("{}{place}: {}{path}", file.display(), error.message)
}

fn segment(segment: &PathSegment) -> String {
    match segment {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{Arc, Mutex};

    use async_graphql::{Context, EmptySubscription, Object, Schema};

    use super::*;
    use crate::caller::Caller;
    use crate::event::Tenant;
    use crate::gateway::{Channels, GatewayDefinition, Limits};

    type Notes = Arc<Mutex<Vec<String>>>;

    struct Query;

    #[Object]
    impl Query {
        async fn nothing(&self) -> bool {
            true
        }
    }

    struct Mutation(Notes);

    #[Object]
    impl Mutation {
        async fn note(&self, ctx: &Context<'_>, text: String) -> async_graphql::Result<bool> {
            let caller = ctx.data::<Caller>()?;
            if text.is_empty() {
                return Err("nothing to note".into());
            }
            self.0.lock().unwrap().push(format!("{text} for {} by system: {}", caller.tenant, caller.system));
            Ok(true)
        }
    }

    async fn seeded(text: &str) -> (Result<(), Error>, Vec<String>) {
        let notes = Notes::default();
        let kept = Arc::clone(&notes);
        let definition =
            GatewayDefinition::new(move |_| Schema::build(Query, Mutation(Arc::clone(&kept)), EmptySubscription));
        let limits = Limits { depth: usize::MAX, complexity: usize::MAX, introspection: true };
        let graph = definition.graph(&Channels::new(|name| Err(name.to_owned())), limits);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seed.graphql");
        std::fs::write(&file, text).unwrap();
        let outcome = run(&Seed { file, tenant: Tenant::new("acme") }, &graph).await;
        let noted = notes.lock().unwrap().clone();
        (outcome, noted)
    }

    #[test]
    fn operations_come_in_the_order_of_the_file() {
        let text = "mutation Zebra { a } query Apple { b } mutation Mango { c }";
        let names: Vec<_> = operations(text).unwrap().into_iter().flatten().collect();
        assert_eq!(names, ["Zebra", "Apple", "Mango"]);
        assert_eq!(operations("mutation { a }").unwrap(), [None]);
        assert!(operations("subscription { a }").is_err());
        assert!(operations("mutation {").is_err());
    }

    #[tokio::test]
    async fn the_operations_are_executed_by_the_system() {
        let (outcome, notes) = seeded("mutation B { note(text: \"b\") } mutation A { note(text: \"a\") }").await;
        assert!(outcome.is_ok());
        assert_eq!(notes, ["b for acme by system: true", "a for acme by system: true"]);
    }

    #[tokio::test]
    async fn a_failure_names_its_place_and_ends_the_seeding() {
        let text = "mutation A {\n  empty: note(text: \"\")\n}\nmutation B { note(text: \"b\") }";
        let (outcome, notes) = seeded(text).await;
        let message = outcome.unwrap_err().to_string();
        assert!(message.contains("seed.graphql:2:3: nothing to note (empty)"), "{message}");
        assert!(notes.is_empty());
    }
}
