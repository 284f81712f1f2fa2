// A clean database for every test, from `bdd pool`. Run by: bdd pool 4 -- go test
package books

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"

	_ "github.com/lib/pq"
)

type slot struct {
	Slot  int
	Lease string
	URL   string `json:"database_url"`
}

// ask sends a request to the pool, and reads its answer into the slot.
func (s *slot) ask(t *testing.T, method, path string) {
	t.Helper()
	request, err := http.NewRequest(method, os.Getenv("BDD_POOL")+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
	if answer.StatusCode != http.StatusNoContent {
		if err := json.NewDecoder(answer.Body).Decode(s); err != nil {
			t.Fatal(err)
		}
	}
}

// lease opens a clean database, which is given back after the test.
func lease(t *testing.T) *sql.DB {
	t.Helper()
	var s slot
	s.ask(t, "POST", fmt.Sprintf("/lease?pid=%d", os.Getpid()))
	database, err := sql.Open("postgres", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		database.Close()
		s.ask(t, "DELETE", fmt.Sprintf("/slots/%d?lease=%s", s.Slot, s.Lease))
	})
	return database
}

func TestTheNextBookIsTheSecond(t *testing.T) {
	for _, title := range []string{"Emma", "Persuasion", "Sanditon"} {
		title := title
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			var id int
			insert := "insert into books (title) values ($1) returning id"
			if err := lease(t).QueryRow(insert, title).Scan(&id); err != nil || id != 2 {
				t.Errorf("its id is %d (%v)", id, err)
			}
		})
	}
}

func TestAReferenceRowMayBeDeleted(t *testing.T) {
	var title string
	err := lease(t).QueryRow("delete from books returning title").Scan(&title)
	if err != nil || title != "Faust" {
		t.Errorf("the deleted row is %q (%v)", title, err)
	}
}
