//! The resolver: what is asked for as SQL, and rows as courses.

use crate::database::Database;
use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// Whose courses.
pub struct Tenant(pub String);

pub struct Query;

/// Which page of courses is wanted.
#[derive(InputObject)]
pub struct GetCourseListInput {
    #[graphql(default = 1000)]
    limit: i64,
    #[graphql(default)]
    filter: CourseFilter,
    #[graphql(default)]
    order: CourseOrder,
}

#[derive(Default, InputObject)]
struct CourseFilter {
    title: Option<TextFilter>,
    capacity: Option<IntFilter>,
    seats_taken: Option<IntFilter>,
}

#[derive(Default, InputObject)]
struct TextFilter {
    equals: Option<String>,
    contains: Option<String>,
}

#[derive(Default, InputObject)]
struct IntFilter {
    equals: Option<i64>,
    less_than: Option<i64>,
    greater_than: Option<i64>,
}

#[derive(Default, InputObject)]
struct CourseOrder {
    title: Option<FieldOrder>,
    capacity: Option<FieldOrder>,
    seats_taken: Option<FieldOrder>,
}

#[derive(InputObject)]
struct FieldOrder {
    direction: Direction,
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Direction {
    Asc,
    Desc,
}

#[derive(SimpleObject)]
pub struct Course {
    id: ID,
    title: String,
    capacity: i64,
    seats_taken: i64,
}

/// A page, and what it takes to count all of it.
pub struct CourseList {
    data: Vec<Course>,
    condition: Condition,
}

#[Object]
impl CourseList {
    async fn data(&self) -> &[Course] {
        &self.data
    }

    /// How many there are on all pages; counted only if asked for.
    async fn total(&self, ctx: &Context<'_>) -> Result<i64> {
        let database = ctx.data::<Database>()?;
        let sql = format!("SELECT count(*) FROM {}{}", database.table, self.condition.sql);
        let rows = database.query(&sql, &self.condition.parameters()).await?;
        Ok(rows[0].try_get(0)?)
    }
}

#[Object]
impl Query {
    async fn get_course_list(&self, ctx: &Context<'_>, input: GetCourseListInput) -> Result<CourseList> {
        let (database, Tenant(tenant)) = (ctx.data::<Database>()?, ctx.data::<Tenant>()?);
        let condition = Condition::of(tenant, input.filter);
        let limit = input.limit.clamp(1, 1000);
        let mut parameters = condition.parameters();
        parameters.push(&limit);
        let sql = format!(
            "SELECT id, title, capacity, seats_taken FROM {}{} ORDER BY {}id LIMIT ${}",
            database.table,
            condition.sql,
            input.order.sql(),
            parameters.len()
        );
        let rows = database.query(&sql, &parameters).await?;
        let data = rows.iter().map(course).collect::<Result<_>>()?;
        Ok(CourseList { data, condition })
    }
}

fn course(row: &Row) -> Result<Course> {
    Ok(Course {
        id: ID(row.try_get(0)?),
        title: row.try_get(1)?,
        capacity: row.try_get(2)?,
        seats_taken: row.try_get(3)?,
    })
}

/// A condition with its parameters.
struct Condition {
    sql: String,
    parameters: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Condition {
    fn of(tenant: &str, filter: CourseFilter) -> Self {
        let mut condition =
            Self { sql: " WHERE tenant = $1".to_owned(), parameters: vec![Box::new(tenant.to_owned())] };
        if let Some(TextFilter { equals, contains }) = filter.title {
            condition.and(|number| format!("title = ${number}"), equals);
            condition.and(|number| format!("strpos(title, ${number}) > 0"), contains);
        }
        for (column, filter) in [("capacity", filter.capacity), ("seats_taken", filter.seats_taken)] {
            let Some(IntFilter { equals, less_than, greater_than }) = filter else { continue };
            condition.and(|number| format!("{column} = ${number}"), equals);
            condition.and(|number| format!("{column} < ${number}"), less_than);
            condition.and(|number| format!("{column} > ${number}"), greater_than);
        }
        condition
    }

    fn and<T: ToSql + Sync + Send + 'static>(&mut self, test: impl Fn(usize) -> String, value: Option<T>) {
        if let Some(value) = value {
            self.parameters.push(Box::new(value));
            self.sql.push_str(" AND ");
            self.sql.push_str(&test(self.parameters.len()));
        }
    }

    fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.parameters.iter().map(|value| &**value as _).collect()
    }
}

impl CourseOrder {
    fn sql(&self) -> String {
        let keys = [("title", &self.title), ("capacity", &self.capacity), ("seats_taken", &self.seats_taken)];
        let given = keys.into_iter().filter_map(|(column, order)| Some((column, order.as_ref()?.direction)));
        given
            .map(|(column, direction)| match direction {
                Direction::Asc => format!("{column} NULLS FIRST, "),
                Direction::Desc => format!("{column} DESC NULLS LAST, "),
            })
            .collect()
    }
}
