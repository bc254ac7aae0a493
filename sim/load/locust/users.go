package locust

import "ringback/sim/load"

// FromUsers returns a load whose users are the master's: an attempt is a request, its
// generation the type, and its word or command the name.
func FromUsers(u *load.Users) Load { return users{u} }

type users struct{ *load.Users }

func (u users) Take() (list []Entry, err error) {
	measured, err := u.Users.Take()
	for _, a := range measured {
		list = append(list, Entry{Type: a.Word.Generation().String(), Name: a.Word.String(), Requests: a.N, Failures: a.Failures, Times: a.Times})
	}
	return list, err
}
