# sqlite3: tables, indices, transactions, recursion, full text, JSON, floating point, recovery.
# guests: riscv64 aarch64
set -euo pipefail
ask() { sqlite3 t.db "$1"; }
ask "create table t(a integer primary key, b text, c real);
 with recursive n(i) as (select 1 union all select i+1 from n where i<20000)
 insert into t select i, 'row'||i, i*0.5 from n; create index x on t(b);"
[ "$(ask 'select count(*), sum(c), max(b) from t')" = '20000|100005000.0|row9999' ]
[ "$(ask "select group_concat(b) from (select b from t where b like 'row1999%' order by b limit 2)")" = row1999,row19990 ]
ask 'begin; delete from t where a > 10; rollback;'; [ "$(ask 'select count(*) from t')" = 20000 ]
[ "$(ask "select json_extract('{\"a\":[1,2]}', '\$.a[1]'), round(exp(1), 12), 1e300*1e10, 0.1+0.2")" = '2|2.718281828459|Inf|0.3' ]
ask "pragma journal_mode=wal; create virtual table f using fts5(x); insert into f select b from t;" > /dev/null
[ "$(ask "select count(*) from f where f match 'row77'")" = 1 ]
ask 'update t set c = c + 1; vacuum;'; [ "$(ask 'pragma integrity_check')" = ok ]
sqlite3 t.db .dump | sqlite3 u.db; [ "$(sqlite3 u.db 'select sum(c) from t')" = "$(ask 'select sum(c) from t')" ]
