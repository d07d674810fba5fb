//! Files that are named in what a caller sends.

use tonic::Code;

use super::ground::{PNG, tenant};
use super::{Ground, On};
use crate::caller::Caller;
use crate::error::status;
use crate::event::Tenant;
use crate::files::{File, FilesFound, TakesFiles};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Submit {
    pub(super) cover: Option<File>,
    pub(super) pages: Vec<File>,
}

impl TakesFiles for Submit {
    fn files<'a>(&'a mut self, found: &mut FilesFound<'a>) {
        found.field("cover", &mut self.cover);
        found.field("pages", &mut self.pages);
    }
}

fn by_id(id: &str) -> File {
    // Whatever else a caller says of it does not count.
    File { name: "mine.exe".into(), size: 1, ..named(id) }
}

pub(super) fn named(id: &str) -> File {
    File { id: id.to_owned(), ..File::default() }
}

pub(super) fn ada() -> Caller {
    Caller::user(tenant(), "ada", ["X"])
}

pub(super) async fn a_file_is_named_by_its_owner_alone(on: On) {
    let ground = Ground::new(on).await;
    let id = ground.uploaded(PNG).await;
    let input = Submit { cover: Some(by_id(&id)), pages: vec![by_id(&id)] };
    let found = ground.files.resolve(&ada(), "", input.clone()).await.unwrap();
    let size = i64::try_from(PNG.len()).unwrap();
    let stored = File { id, name: "a.png".into(), content_type: "image/png".into(), size };
    assert_eq!(found, Submit { cover: Some(stored.clone()), pages: vec![stored] });
    let others = [
        Caller::user(tenant(), "eve", ["X"]),
        Caller::user(Tenant::new("other"), "ada", ["X"]),
        Caller::anonymous(tenant()),
        Caller { token: Some("t".into()), ..Caller::anonymous(tenant()) },
    ];
    for caller in others {
        let refused = ground.files.resolve(&caller, "", input.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{caller:?}");
    }
}

pub(super) async fn what_is_not_there_is_named_by_its_field(on: On) {
    let ground = Ground::new(on).await;
    let id = ground.uploaded(PNG).await;
    let input = Submit { cover: Some(by_id("nothing")), pages: vec![by_id(&id), by_id(""), by_id(&id)] };
    let refused = ground.files.resolve(&ada(), "data", input).await.unwrap_err();
    let fields: Vec<Vec<String>> = status::fields(&refused).into_iter().map(|field| field.path).collect();
    assert_eq!(fields, [["data.cover"], ["data.pages[1]"]]);
    let none = Submit { cover: None, pages: Vec::new() };
    assert_eq!(ground.files.resolve(&Caller::anonymous(tenant()), "", none.clone()).await.unwrap(), none);
    let many = Submit { cover: None, pages: vec![by_id(&id); 1001] };
    assert_eq!(ground.files.resolve(&ada(), "", many).await.unwrap_err().code(), Code::InvalidArgument);
}

pub(super) async fn services_and_the_process_pass_files_on(on: On) {
    let ground = Ground::new(on).await;
    let id = ground.uploaded(PNG).await;
    let input = Submit { cover: Some(by_id(&id)), pages: Vec::new() };
    let service = |tenant| Caller { only: Some("papers.Submit".into()), ..Caller::anonymous(tenant) };
    for caller in [service(tenant()), Caller::system(tenant())] {
        let found = ground.files.resolve(&caller, "", input.clone()).await.unwrap();
        assert_eq!(found.cover.unwrap().name, "a.png");
    }
    for caller in [service(Tenant::new("other")), Caller::system(Tenant::new("other"))] {
        assert!(ground.files.resolve(&caller, "", input.clone()).await.is_err(), "{caller:?}");
    }
}
